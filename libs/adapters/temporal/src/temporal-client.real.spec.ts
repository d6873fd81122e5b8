import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { searchAttributes } from '@samband/resources';
import { eventually, startTemporal, type TestTemporal } from '@samband/testing';
import { Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import {
  connectTemporal,
  createDataConverter,
  registerSearchAttributes,
  type SignalTarget,
  type TemporalClient,
} from './index.js';

const codecKeys = [{ id: 'k1', key: randomBytes(32) }];
const target: SignalTarget = {
  workflowId: 'addressspace/team/app',
  workflowType: 'echoWorkflow',
  taskQueue: 'samband',
  args: [{ name: 'hunter2' }],
  searchAttributes: { SambandNamespace: 'team', SambandSpace: 'app' },
};

describe('the Temporal client', () => {
  let temporal: TestTemporal;
  let client: TemporalClient;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('WARN') });
    temporal = await startTemporal({ searchAttributes: false, durable: true });
    await registerSearchAttributes(temporal);
    client = connectTemporal({ ...temporal, codecKeys });
  });
  afterAll(async () => {
    await client.close();
    await temporal.stop();
  });

  it('registers the search attributes, as often as it is asked', async () => {
    await Promise.all([registerSearchAttributes(temporal), registerSearchAttributes(temporal)]);
    const connection = await Connection.connect({ address: temporal.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.values(searchAttributes)));
    await connection.close();
  });

  it('starts a workflow by its first signal and signals the same one after that', async () => {
    expect(await client.describe(target.workflowId)).toBeUndefined();
    await client.signal('dirty', target);
    const first = await client.describe(target.workflowId);
    await client.signal('dirty', target);
    const second = await client.describe(target.workflowId);
    expect(first).toMatchObject({ status: 'RUNNING', type: 'echoWorkflow' });
    expect(second?.runId).toBe(first?.runId);
    await eventually(async () => (await client.running()).has(target.workflowId));
  });

  it('tells a workflow that runs, and starts none that does not', async () => {
    await client.tell('dirty', 'nobody/team/app');
    expect(await client.describe('nobody/team/app')).toBeUndefined();
    const before = (await client.describe(target.workflowId))?.historyLength ?? 0;
    await client.tell('dirty', target.workflowId);
    const after = await client.describe(target.workflowId);
    expect(after?.historyLength).toBeGreaterThan(before);
  });

  it('keeps payloads from Temporal, while a worker with the key reads them', async () => {
    const connection = await Connection.connect({ address: temporal.address });
    const history = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId: target.workflowId },
    });
    const [started] = history.history?.events ?? [];
    const input = started?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    expect(input?.data?.length).toBeGreaterThan(0);
    expect(Buffer.from(input?.data ?? []).toString('latin1')).not.toContain('hunter2');
    await connection.close();

    const native = await NativeConnection.connect({ address: temporal.address });
    const worker = await Worker.create({
      connection: native,
      taskQueue: target.taskQueue,
      workflowsPath: path.join(path.dirname(fileURLToPath(import.meta.url)), 'echo.workflow.fixture.ts'),
      dataConverter: createDataConverter(codecKeys),
    });
    await worker.runUntil(async () => {
      const answer = await eventually(() => client.query(target.workflowId, 'timeline'));
      expect(answer).toEqual({ name: 'hunter2', signals: 3 });
    });
    await native.close();
  });

  it('tells which activities are under way', async () => {
    expect(await client.describe(target.workflowId)).toMatchObject({ activities: ['waitForNobody'] });
  });

  it('says so while Temporal is away, and goes on when it is back', async () => {
    await temporal.kill();
    const early = connectTemporal({ ...temporal, timeoutMs: 700 });
    await expect(early.signal('dirty', target)).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    await expect(early.describe(target.workflowId)).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    await expect(early.check()).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    await temporal.start();
    await eventually(() => early.signal('dirty', target).then(() => true), { timeoutMs: 20_000 });
    await eventually(() => client.signal('dirty', target).then(() => true), { timeoutMs: 20_000 });
    await early.close();
  });
});

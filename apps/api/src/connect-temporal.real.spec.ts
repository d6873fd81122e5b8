import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sourceWorkflowId, workflowTypes } from '@samband/contract';
import { connectTemporal } from '@samband/temporal';
import { eventually, startTemporal, type TestTemporal } from '@samband/testing';
import { connectToTemporal, type TemporalConnection } from './connect-temporal.js';

let temporal: TestTemporal;
let connection: TemporalConnection;

beforeAll(async () => {
  temporal = await startTemporal();
  connection = connectToTemporal({ address: temporal.address, namespace: temporal.namespace, codecKeys: [] });
});
afterAll(async () => {
  await connection.close();
  await temporal.stop();
});

describe('the signal to a source', () => {
  it('starts its workflow where there is none, and reaches the same one afterwards', async () => {
    const source = { namespace: 'team1', name: 'app' };
    await connection.signalSource(source);
    const client = connectTemporal({ address: temporal.address, namespace: temporal.namespace });
    const first = await client.describe(sourceWorkflowId('team1', 'app'));
    await connection.signalSource(source);
    const second = await client.describe(sourceWorkflowId('team1', 'app'));
    await client.close();
    expect(first).toMatchObject({ status: 'RUNNING', type: workflowTypes.source });
    expect(second?.runId).toBe(first?.runId);
    expect(second?.historyLength).toBeGreaterThan(first?.historyLength ?? Infinity);
  });

  it('fails while Temporal is away, and arrives when it is back', async () => {
    const source = { namespace: 'team1', name: 'other' };
    await temporal.kill();
    await expect(connection.signalSource(source)).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    await expect(connection.check()).rejects.toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    await temporal.start();
    await eventually(async () => {
      await connection.signalSource(source);
      return true;
    });
    await connection.check();
  });
});

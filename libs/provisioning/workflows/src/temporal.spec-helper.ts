import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { taskQueues } from '@samband/contract';
import { startTemporal } from '@samband/testing';
import type { World } from './world.spec-helper.js';

/** The compiled workflows: what the worker ships is what is tested. */
export const compiledWorkflows = fileURLToPath(new URL('../dist/index.js', import.meta.url));

export interface Engine {
  readonly client: Client;
  /** Runs workers for the control queue and one host while `work` goes on. */
  with<T>(world: World, work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export const testHost = 'h1';

export async function startEngine(): Promise<Engine> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const server = await startTemporal();
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const bundle = await bundleWorkflowCode({
    workflowsPath: compiledWorkflows,
    logger: new DefaultLogger('ERROR'),
  });
  return {
    client: new Client({ connection }),
    with: async (world, work) => {
      const workers = await Promise.all(
        [taskQueues.control, taskQueues.host(testHost)].map((taskQueue) =>
          Worker.create({
            connection: native,
            taskQueue,
            workflowBundle: bundle,
            activities: world.activities,
          }),
        ),
      );
      const [first, second] = workers;
      if (first === undefined || second === undefined) throw new Error('no workers');
      return first.runUntil(() => second.runUntil(work));
    },
    stop: async () => {
      await connection.close();
      await native.close();
      await server.stop();
    },
  };
}

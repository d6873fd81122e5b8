import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { taskQueues } from '@samband/contract';
import { startTemporal, type TestTemporalOptions } from '@samband/testing';
import { World, type Activities } from './world.spec-helper.js';

/** The compiled workflows: what the worker ships is what is tested. */
export const compiledWorkflows = fileURLToPath(new URL('../dist/index.js', import.meta.url));

export interface Engine {
  readonly client: Client;
  /** While `work` goes on, the workers for the control queue and one host do their steps in this world. */
  with<T>(world: World, work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export const testHost = 'h1';

export async function startEngine(options: TestTemporalOptions = {}): Promise<Engine> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const server = await startTemporal(options);
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: compiledWorkflows,
    logger: new DefaultLogger('ERROR'),
  });
  let current: World | undefined;
  const activities = relay(() => {
    if (current === undefined) throw ApplicationFailure.retryable('no test runs');
    return current.activities;
  });
  const workers = await Promise.all(
    [taskQueues.control, taskQueues.waits, taskQueues.host(testHost)].map((taskQueue) =>
      Worker.create({ connection: native, taskQueue, workflowBundle, activities }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    client: new Client({ connection }),
    with: async (world, work) => {
      current = world;
      try {
        return await work();
      } finally {
        current = undefined;
      }
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await native.close();
      await server.stop();
    },
  };
}

/** One set of activities for all worlds: workers take longer to start than most tests. */
function relay(world: () => Activities): Activities {
  const names = Object.keys(new World().activities) as (keyof Activities)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...args: never[]) => (world()[name] as (...given: never[]) => unknown)(...args),
    ]),
  ) as unknown as Activities;
}

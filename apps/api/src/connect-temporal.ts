import {
  searchAttributes,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
  type EntityRef,
} from '@samband/contract';
import { connectTemporal, type TemporalClient } from '@samband/temporal';
import type { ApiConfig } from './config.js';
import type { SignalSource } from './ports.js';

export interface TemporalConnection {
  readonly signalSource: SignalSource;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A signal that takes longer than this is of no use any more: the controller has sent its own. */
const timeoutMs = 2000;

/** Connects when it is first needed, so that the api starts without Temporal. */
export function connectToTemporal(config: ApiConfig['temporal']): TemporalConnection {
  const client: TemporalClient = connectTemporal({ ...config, timeoutMs });
  return {
    signalSource: (source) => client.signalDirty(targetOf(source)),
    check: () => client.check(),
    close: () => client.close(),
  };
}

function targetOf({ namespace, name }: EntityRef): Parameters<TemporalClient['signalDirty']>[0] {
  return {
    workflowId: sourceWorkflowId(namespace, name),
    workflowType: workflowTypes.source,
    taskQueue: taskQueues.control,
    args: [{ namespace, name } satisfies EntityRef],
    searchAttributes: { [searchAttributes.namespace]: namespace, [searchAttributes.source]: name },
  };
}

import { signals, workflowOf } from '@samband/contract';
import { connectTemporal, type TemporalClient } from '@samband/temporal';
import type { ApiConfig } from './config.js';
import type { SignalSource } from './ports.js';

export interface TemporalConnection {
  readonly signalSource: SignalSource;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A signal that takes longer than this is sent again. */
const timeoutMs = 2000;

/** Connects when it is first needed, so that the api starts without Temporal. */
export function connectToTemporal(config: ApiConfig['temporal']): TemporalConnection {
  const client: TemporalClient = connectTemporal({ ...config, timeoutMs });
  return {
    signalSource: (source) => client.signal(signals.look, workflowOf('source', source)),
    check: () => client.check(),
    close: () => client.close(),
  };
}

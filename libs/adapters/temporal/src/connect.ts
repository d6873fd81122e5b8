import { Connection } from '@temporalio/client';

export interface TemporalAddress {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
}

/** A connection that is made when it is first used, so that a Temporal that is away stops nothing at start. */
export function lazyConnection({ address }: TemporalAddress): Connection {
  return Connection.lazy({
    address,
    channelArgs: {
      // gRPC waits up to two minutes between attempts, and would find a Temporal that is back that much too late.
      'grpc.initial_reconnect_backoff_ms': 250,
      'grpc.min_reconnect_backoff_ms': 250,
      'grpc.max_reconnect_backoff_ms': 2000,
    },
  });
}

import { Connection } from '@temporalio/client';

export interface TemporalAddress {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly tls?: TemporalTls;
}

/** PEM texts. */
export interface TemporalTls {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Name that the server's certificate must be for, where it is not the host's. */
  readonly serverName?: string;
}

/** A connection that is made when it is first used, so that a Temporal that is away stops nothing at start. */
export function lazyConnection({ address, tls }: TemporalAddress): Connection {
  return Connection.lazy({
    address,
    ...(tls === undefined ? {} : { tls: toTlsConfig(tls) }),
    channelArgs: {
      // gRPC waits up to two minutes between attempts, and would find a Temporal that is back that much too late.
      'grpc.initial_reconnect_backoff_ms': 250,
      'grpc.min_reconnect_backoff_ms': 250,
      'grpc.max_reconnect_backoff_ms': 2000,
    },
  });
}

function toTlsConfig({ ca, certificate, key, serverName }: TemporalTls): object {
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(ca === undefined ? {} : { serverRootCACertificate: Buffer.from(ca) }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { clientCertPair: { crt: Buffer.from(certificate), key: Buffer.from(key) } }),
  };
}

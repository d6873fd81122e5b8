import { accepts } from '@samband/processes';
import type { Part, StackContext } from '../part.js';

/** The store below the API server. Only holders of our client certificate get in: it holds all secrets. */
export function etcd({ binaries, pki, ports, state }: StackContext): Part {
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  const { ca, server } = pki.files;
  return {
    name: 'etcd',
    needs: [],
    command: binaries.etcd,
    args: [
      `--data-dir=${state.etcd}`,
      '--name=samband',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=samband=${peer}`,
      `--cert-file=${server}`,
      `--key-file=${server}`,
      '--client-cert-auth',
      `--trusted-ca-file=${ca}`,
      `--peer-cert-file=${server}`,
      `--peer-key-file=${server}`,
      '--peer-client-cert-auth',
      `--peer-trusted-ca-file=${ca}`,
      // Its own client would need the server's certificate to be a client's too.
      '--enable-grpc-gateway=false',
      // A lone member elects itself: no reason to wait for others as long as the defaults do.
      '--heartbeat-interval=50',
      '--election-timeout=250',
      '--quota-backend-bytes=4294967296',
      '--log-level=warn',
    ],
    env: {},
    ready: () => accepts('127.0.0.1', ports.etcd),
    graceMs: 3_000,
  };
}

import type { Part, StackContext } from '../part.js';
import { answersOverTls } from '../probes.js';

export function kubeApiserver({ binaries, pki, ports }: StackContext): Part {
  const { ca, etcdClient, server, serviceAccountKey, serviceAccountPublicKey, tokens } = pki.files;
  return {
    name: 'kube-apiserver',
    needs: ['etcd'],
    command: binaries.kubeApiserver,
    args: [
      `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
      `--etcd-cafile=${ca}`,
      `--etcd-certfile=${etcdClient}`,
      `--etcd-keyfile=${etcdClient}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${ports.kubernetes}`,
      `--tls-cert-file=${server}`,
      `--tls-private-key-file=${server}`,
      `--client-ca-file=${ca}`,
      `--token-auth-file=${tokens}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      // There are no nodes: nobody reads the kubernetes service's endpoints, and 127.0.0.1 may not stand there.
      '--endpoint-reconciler-type=none',
      // One tenant, one machine: queues of fairness between many would only cost.
      '--enable-priority-and-fairness=false',
      '--profiling=false',
    ],
    // Memory for time: at 200 it spends a tenth of its time collecting garbage. Near the limit it collects more often.
    env: { GOGC: '400', GOMEMLIMIT: '3GiB' },
    ready: () => answersOverTls(ports.kubernetes, '/readyz', pki.ca),
    graceMs: 3_000,
  };
}

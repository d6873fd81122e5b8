import path from 'node:path';

/** How the parts of the control plane are started; `folder` holds their keys and data. */
export function etcdArguments(folder: string, clientPort: number, peerPort: number): string[] {
  return [
    `--data-dir=${path.join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${clientPort}`,
    `--advertise-client-urls=http://127.0.0.1:${clientPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    // A test's data need not survive a power cut.
    '--unsafe-no-fsync',
    '--log-level=error',
  ];
}

export function apiServerArguments(folder: string, etcdPort: number, port: number): string[] {
  const file = (name: string): string => path.join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // The service `kubernetes` would point at the loopback, which the endpoints' validation refuses.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${folder}`,
    `--tls-cert-file=${file('server.crt')}`,
    `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--profiling=false',
  ];
}

export function controllerManagerArguments(
  folder: string,
  kubeconfigPath: string,
  controllers: readonly string[],
): string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    `--controllers=${controllers.join(',')}`,
    `--root-ca-file=${path.join(folder, 'ca.crt')}`,
    `--service-account-private-key-file=${path.join(folder, 'sa.key')}`,
    `--cert-dir=${folder}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--use-service-account-credentials=false',
  ];
}

export function kubeconfig(url: string, ca: string, admin: { cert: string; key: string }): string {
  const data = (pem: string): string => Buffer.from(pem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': data(ca) } }],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': data(admin.cert), 'client-key-data': data(admin.key) },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

import { accepts } from '@samband/processes';
import type { Part, StackContext } from '../part.js';

/** Only the controllers that the store needs: nothing here runs pods. */
const controllers = [
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'garbage-collector-controller',
  'clusterrole-aggregation-controller',
];

export function kubeControllerManager({ binaries, kubeconfigs, pki, ports }: StackContext): Part {
  const { ca, server, serviceAccountKey } = pki.files;
  return {
    name: 'kube-controller-manager',
    needs: ['kube-apiserver'],
    command: binaries.kubeControllerManager,
    args: [
      `--kubeconfig=${kubeconfigs['controller-manager']}`,
      `--controllers=${controllers.join(',')}`,
      '--leader-elect=false',
      `--root-ca-file=${ca}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      `--tls-cert-file=${server}`,
      `--tls-private-key-file=${server}`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--profiling=false',
    ],
    env: {},
    ready: () => accepts('127.0.0.1', ports.controllerManager),
    graceMs: 3_000,
  };
}

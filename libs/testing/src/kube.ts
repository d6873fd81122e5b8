import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kubernetesBinary } from './binaries.js';
import { createControlPlaneCertificates, type ControlPlaneCertificates } from './certificates.js';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kubeconfig,
} from './control-plane.js';
import { eventually } from './eventually.js';
import { createKubeRequest, type KubeRequest } from './kube-requests.js';
import { freePorts } from './ports.js';
import { createProcessGroup, type ProcessGroup, type TestProcess } from './processes.js';

const infra = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../infra');

export interface TestKubeOptions {
  /** Apply `infra/crds`. */
  readonly crds?: boolean;
  /** Apply `infra/bundle`, after the CRDs. */
  readonly bundle?: boolean;
  /** Run kube-controller-manager with these, e.g. `['namespace', 'garbagecollector']`; none by default. */
  readonly controllers?: readonly string[];
}

export interface TestKube {
  readonly url: string;
  /** Cluster admin. */
  readonly kubeconfigPath: string;
  /** PEM texts. */
  readonly ca: string;
  readonly adminCert: string;
  readonly adminKey: string;
  /** Requests as cluster admin. */
  readonly request: KubeRequest;
  /** @returns what it printed; rejects with what it complained of. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** A token of the service account, which is created (with its namespace) when it is missing. */
  tokenFor(namespace: string, serviceAccount: string): Promise<string>;
  /** kill -9 of kube-apiserver; etcd goes on. */
  killApiServer(): Promise<void>;
  /** Starts it again on the same port and waits until it is ready. */
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real etcd and kube-apiserver with RBAC and service account tokens on free loopback ports, ready in about
 * 3 s. Without `controllers` nothing happens by itself: no namespace ends, no garbage is collected.
 */
export async function startKube(options: TestKubeOptions = {}): Promise<TestKube> {
  const certificates = await createControlPlaneCertificates();
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'samband-kube-'));
    const processes = createProcessGroup(folder);
    const stop = async (): Promise<void> => {
      await processes.stop();
      await rm(folder, { recursive: true, force: true });
    };
    try {
      return await startIn(folder, processes, certificates, options, stop);
    } catch (error) {
      await stop();
      // A port may have been taken by someone else between finding and binding it.
      if (attempt === 3) throw error;
    }
  }
}

async function startIn(
  folder: string,
  processes: ProcessGroup,
  certificates: ControlPlaneCertificates,
  options: TestKubeOptions,
  stop: () => Promise<void>,
): Promise<TestKube> {
  const [etcdPort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${apiPort}`;
  const kubeconfigPath = path.join(folder, 'kubeconfig');
  await Promise.all(
    Object.entries({
      'ca.crt': certificates.ca,
      'server.crt': certificates.server.cert,
      'server.key': certificates.server.key,
      'sa.key': certificates.serviceAccount.key,
      'sa.pub': certificates.serviceAccount.publicKey,
      kubeconfig: kubeconfig(url, certificates.ca, certificates.admin),
    }).map(([name, text]) => writeFile(path.join(folder, name), text, { mode: 0o600 })),
  );
  const request = createKubeRequest(url, { ca: certificates.ca, ...certificates.admin });
  processes.start('etcd', kubernetesBinary('etcd'), etcdArguments(folder, etcdPort, peerPort));

  let apiServer: TestProcess | undefined;
  const startApiServer = async (): Promise<void> => {
    const server = processes.start(
      'kube-apiserver',
      kubernetesBinary('kube-apiserver'),
      apiServerArguments(folder, etcdPort, apiPort),
    );
    apiServer = server;
    await ready(server, request);
  };
  const kubectl = (args: readonly string[], stdin?: string): Promise<string> =>
    runKubectl(kubeconfigPath, args, stdin);

  await startApiServer();
  if (options.crds === true || options.bundle === true) {
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', path.join(infra, 'crds')]);
    await kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
  }
  if (options.bundle === true && existsSync(path.join(infra, 'bundle'))) {
    await kubectl(['apply', '--server-side', '--force-conflicts', '-R', '-f', path.join(infra, 'bundle')]);
  }
  if (options.controllers !== undefined && options.controllers.length > 0) {
    const args = controllerManagerArguments(folder, kubeconfigPath, options.controllers);
    processes.start('kube-controller-manager', kubernetesBinary('kube-controller-manager'), args);
  }
  return {
    url,
    kubeconfigPath,
    ca: certificates.ca,
    adminCert: certificates.admin.cert,
    adminKey: certificates.admin.key,
    request,
    kubectl,
    tokenFor: (namespace, serviceAccount) => requestToken(request, namespace, serviceAccount),
    killApiServer: async () => apiServer?.kill('SIGKILL'),
    startApiServer,
    stop,
  };
}

/** Ready means: RBAC's bootstrap roles are there too, else the first requests of a test may be forbidden. */
async function ready(server: TestProcess, request: KubeRequest): Promise<void> {
  let ended: string | undefined;
  void server.ended.then((how) => (ended = how));
  await eventually(
    async () => {
      if (ended !== undefined) return true;
      const { status } = await request('GET', '/readyz');
      return status === 200 && (await request('GET', '/api/v1/namespaces/default')).status === 200;
    },
    { timeoutMs: 60_000 },
  ).catch((error: unknown) => {
    throw new Error(`kube-apiserver is not ready:\n${server.log()}`, { cause: error });
  });
  if (ended !== undefined) throw new Error(`${ended}:\n${server.log()}`);
}

async function requestToken(request: KubeRequest, namespace: string, name: string): Promise<string> {
  await request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await request('POST', accounts, { metadata: { name } });
  const { status, body } = await request('POST', `${accounts}/${name}/token`, {
    spec: { expirationSeconds: 3600 },
  });
  const token = (body as { status?: { token?: unknown } }).status?.token;
  if (typeof token !== 'string') throw new Error(`no token for ${namespace}/${name}: ${status}`);
  return token;
}

async function runKubectl(kubeconfigPath: string, args: readonly string[], stdin?: string): Promise<string> {
  const running = promisify(execFile)(kubernetesBinary('kubectl'), [...args], {
    env: { ...process.env, KUBECONFIG: kubeconfigPath },
    maxBuffer: 256 << 20,
  });
  running.child.stdin?.end(stdin ?? '');
  return (await running).stdout;
}

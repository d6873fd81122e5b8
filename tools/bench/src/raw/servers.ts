import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { adminServerName } from '@samband/artemis';
import { startTestBroker, type TestBroker } from '@samband/artemis/testing';
import { Kube } from '@samband/driver';
import { startStack, type Stack } from '@samband/stack';
import { runRawCommit, type CommitTask, type RawCommit } from './commit.js';

/** As the plan of the benchmarks makes it: half of 2 GiB is heap, half of that for messages. */
const heapMiB = 1024;

/**
 * An API server and a broker that nobody of ours looks at: what the machine can do. The same binaries with the same
 * options and the same kinds, only without worker, controller and api beside them.
 */
export class RawServers {
  private made = 0;

  private constructor(
    private readonly stack: Stack,
    readonly kube: Kube,
    readonly broker: TestBroker,
  ) {}

  static async start(folder: string): Promise<RawServers> {
    const stack = await startStack({
      stateDir: path.join(folder, 'raw'),
      parts: ['etcd', 'kube-apiserver'],
    });
    try {
      const broker = await startTestBroker({
        spec: { heapMiB, globalMaxBytes: (heapMiB / 2) * 1024 * 1024, addressFullPolicy: 'FAIL' },
      });
      return new RawServers(stack, new Kube(stack.env.KUBECONFIG), broker);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** New addresses, straight to the API server and the broker, with the labels and the status of a real one. */
  async commit(count: number, like: Pick<CommitTask, 'labels' | 'status'>): Promise<RawCommit> {
    this.made += 1;
    const namespace = `raw-${this.made}`;
    await this.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const { instance, admin } = this.broker.access();
    return runRawCommit({
      ...like,
      server: await serverOf(this.stack.env.KUBECONFIG),
      broker: {
        host: instance.host,
        port: instance.ports.admin,
        serverName: adminServerName(instance.id),
        ca: admin.ca,
        certificate: admin.certificate,
        key: admin.key,
      },
      namespace,
      prefix: `r${this.made}`,
      count,
    });
  }

  async stop(): Promise<void> {
    this.kube.close();
    await this.broker.stop();
    await this.stack.stop();
  }
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** The stack writes its kubeconfigs as JSON. */
async function serverOf(kubeconfig: string): Promise<CommitTask['server']> {
  const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const cluster = clusters[0]?.cluster;
  const token = users[0]?.user.token;
  if (cluster === undefined || token === undefined)
    throw new Error(`${kubeconfig} is not as the stack writes it`);
  const { hostname, port } = new URL(cluster.server);
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8');
  return { host: hostname, port: Number(port), ca, token };
}

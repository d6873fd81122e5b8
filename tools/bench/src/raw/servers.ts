import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { adminServerName } from '@samband/artemis';
import { startTestBroker, type TestBroker } from '@samband/artemis/testing';
import { Kube } from '@samband/driver';
import { startStack, type Stack } from '@samband/stack';
import { median, seconds } from '../statistics.js';
import { addressesPath, connectRawApi, messagingName, rawAddress, type ServerAccess } from './api-server.js';
import { runRawCommit, type CommitTask, type RawCommit } from './commit.js';
import { connectRawManagement, type BrokerManagementAccess } from './management.js';

/** As the plan of the benchmarks makes it: half of 2 GiB is heap, half of that for messages. */
export const heapMiB = 1024;
const rounds = 21;

type Example = Pick<CommitTask, 'labels' | 'status'>;

/**
 * An API server and a broker that nobody of ours looks at: what the machine can do. The same binaries with the same
 * options and the same kinds, only without worker, controller and api beside them.
 */
export class RawServers {
  private made = 0;

  private constructor(
    private readonly stack: Stack,
    private readonly kube: Kube,
    private readonly broker: TestBroker,
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
  async commit(count: number, like: Example): Promise<RawCommit> {
    const namespace = await this.namespace();
    const [server, broker] = [await this.serverAccess(), this.managementAccess()];
    return runRawCommit({ ...like, server, broker, namespace, prefix: namespace, count });
  }

  /** Seconds that one apply, one write of a status and one call of the broker's management take, after each other. */
  async change(like: Example): Promise<number> {
    const namespace = await this.namespace();
    const api = connectRawApi(await this.serverAccess(), 1);
    const management = await connectRawManagement(this.managementAccess(), 1);
    const found: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const name = `app.${namespace}-${round}`;
      const at = `${addressesPath(namespace)}/${name}`;
      found.push(
        await seconds(async () => {
          await api.apply(at, rawAddress(namespace, name, like.labels));
          await api.patch(`${at}/status`, { status: like.status });
          await management.createQueue(messagingName(name));
        }),
      );
    }
    api.close();
    await management.close();
    return median(found);
  }

  /** Seconds for one list of that many addresses and one of at least as many queues. */
  async lists(count: number, like: Example): Promise<{ addresses: number; queues: number }> {
    await this.commit(count, like);
    const api = connectRawApi(await this.serverAccess(), 1);
    const management = await connectRawManagement(this.managementAccess(), 1);
    const options = JSON.stringify({
      field: '',
      operation: '',
      value: '',
      sortField: 'name',
      sortOrder: 'asc',
    });
    const found = {
      addresses: await seconds(() => api.get(addressesPath(`raw-${this.made}`))),
      queues: await seconds(() => management.invoke('listQueues', options, 1, count)),
    };
    api.close();
    await management.close();
    return found;
  }

  async stop(): Promise<void> {
    this.kube.close();
    await this.broker.stop();
    await this.stack.stop();
  }

  private async namespace(): Promise<string> {
    this.made += 1;
    const name = `raw-${this.made}`;
    await this.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  private managementAccess(): BrokerManagementAccess {
    const { instance, admin } = this.broker.access();
    const { ca, certificate, key } = admin;
    const serverName = adminServerName(instance.id);
    return { host: instance.host, port: instance.ports.admin, serverName, ca, certificate, key };
  }

  /** The stack writes its kubeconfigs as JSON. */
  private async serverAccess(): Promise<ServerAccess> {
    const file = this.stack.env.KUBECONFIG;
    const { clusters, users } = JSON.parse(await readFile(file, 'utf8')) as Kubeconfig;
    const cluster = clusters[0]?.cluster;
    const token = users[0]?.user.token;
    if (cluster === undefined || token === undefined)
      throw new Error(`${file} is not as the stack writes it`);
    const { hostname, port } = new URL(cluster.server);
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8');
    return { host: hostname, port: Number(port), ca, token };
  }
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

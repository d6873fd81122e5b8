import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeConfig, type Cluster } from '@kubernetes/client-node';
import { startKube, type TestKube } from '@samband/testing';
import { createResourceStore } from './index.js';

describe('a kubeconfig with proxy-url', () => {
  let kube: TestKube;
  let proxy: Server;
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    kube = await startKube();
    proxy = createServer().on('connect', ({ url = '' }, near: Socket) => {
      asked.push(url);
      const { hostname, port } = new URL(`http://${url}`);
      const far = connect(Number(port), hostname, () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        near.pipe(far).pipe(near);
      });
      for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await kube.stop();
  });

  it('reaches the API server through that proxy, and trusts only the authority of the kubeconfig', async () => {
    const { port } = proxy.address() as AddressInfo;
    const config = new KubeConfig();
    config.loadFromFile(kube.kubeconfigPath);
    const kubeconfig = `${kube.kubeconfigPath}.proxy`;
    const write = (change: Partial<Cluster>): void => {
      config.clusters = config.clusters.map((cluster) => ({ ...cluster, ...change }));
      writeFileSync(kubeconfig, config.exportConfig());
    };

    write({ proxyUrl: `http://127.0.0.1:${port}` });
    const store = createResourceStore({ kubeconfig });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'default' };
    expect(await store.get(namespace)).toMatchObject({ metadata: { name: 'default' } });
    expect(asked).toContain(new URL(kube.url).host);
    store.close();

    write({ caData: '' });
    const stranger = createResourceStore({ kubeconfig, attempts: 1 });
    await expect(stranger.get(namespace)).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' });
    stranger.close();
  });
});

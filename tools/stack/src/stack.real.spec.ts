import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:https';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createResourceStore, type KubernetesStore } from '@samband/kubernetes';
import { isRunning, type ProcessIdentity } from '@samband/processes';
import { readRecord } from './processes.js';
import { repository, startStack, type Stack, type StackOptions } from './stack.js';

const parts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'temporal'] as const;
const marker = { apiVersion: 'v1', kind: 'ConfigMap', name: 'marker', namespace: 'default' } as const;

let folder: string;
let lines: string[];
const started: Stack[] = [];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-stack-'));
});

afterAll(async () => {
  for (const stack of started) await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: StackOptions = {}): Promise<Stack> {
  lines = [];
  const stack = await startStack({ stateDir: folder, parts, log: (line) => lines.push(line), ...options });
  started.push(stack);
  return stack;
}

async function withStore<T>(stack: Stack, use: (store: KubernetesStore) => Promise<T>): Promise<T> {
  const store = createResourceStore({ kubeconfig: stack.env.KUBECONFIG });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

async function until(condition: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s`);
    await sleep(50);
  }
}

async function records(): Promise<ProcessIdentity[]> {
  const found = await Promise.all(parts.map((name) => readRecord(path.join(folder, 'run', name))));
  return found.filter((each) => each !== undefined);
}

describe('the stack', () => {
  let stack: Stack;
  let ports: string;

  it('starts on a new folder, with every kind established and the plans in place', async () => {
    stack = await start();
    const [crd, plan] = await withStore(stack, (store) =>
      Promise.all([
        store.get({
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          name: 'gitsources.samband.dev',
        }),
        store.list({ apiVersion: 'admin.enmasse.io/v1beta2', kind: 'AddressSpacePlan' }),
      ]),
    );
    expect(JSON.stringify(crd?.['status'])).toContain('Established');
    expect(plan.items.map(({ metadata }) => metadata.name)).toContain('brokered-single-broker');
    ports = readFileSync(path.join(folder, 'ports.json'), 'utf8');
  });

  it('says how to reach it, to its owner only', () => {
    const text = readFileSync(stack.state.env, 'utf8');
    expect(text.split('\n').map((line) => line.split('=')[0])).toEqual([
      'KUBECONFIG',
      'SAMBAND_API',
      'SAMBAND_TOKEN',
      'TEMPORAL_ADDRESS',
      'TEMPORAL_UI',
      '',
    ]);
  });

  it('gives out the token of the operators’ account', async () => {
    const who = await withStore(stack, (store) => store.reviewToken(stack.env.SAMBAND_TOKEN));
    expect(who?.username).toBe('system:serviceaccount:enmasse-infra:samband-operator');
  });

  it('lets nobody read the store behind the API server', async () => {
    const { etcd } = JSON.parse(ports) as { etcd: number };
    await expect(fetch(`http://127.0.0.1:${etcd}/version`)).rejects.toThrow();
    await expect(
      new Promise((resolve, reject) => {
        // Reading makes the server judge that there is no client certificate.
        get({ host: '127.0.0.1', port: etcd, path: '/version', rejectUnauthorized: false }, resolve).on(
          'error',
          reject,
        );
      }),
    ).rejects.toThrow();
  });

  it('refuses a second start beside it', async () => {
    await expect(startStack({ stateDir: folder, parts })).rejects.toMatchObject({
      name: 'StackRunningError',
      owner: { pid: process.pid },
    });
    expect(existsSync(stack.state.env)).toBe(true);
  });

  it.each(['kube-apiserver', 'etcd', 'temporal', 'kube-controller-manager'] as const)(
    'starts %s again when it is killed, and says so',
    async (name) => {
      if (name === 'kube-apiserver') {
        await withStore(stack, (store) =>
          store.apply(
            { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'marker', namespace: 'default' } },
            { fieldManager: 'spec' },
          ),
        );
      }
      const status = (): ReturnType<Stack['parts']>[number] | undefined =>
        stack.parts().find((part) => part.name === name);
      const before = status()?.restarts ?? 0;
      stack.kill(name, 'SIGKILL');
      await until(() => (status()?.restarts ?? 0) > before && status()?.ready === true);
      expect(lines.join('\n')).toContain(`${name} was killed by SIGKILL; started again in 0.1 s`);
      await until(() => lines.some((line) => line.startsWith(`${name} is back after`)));
      await until(() =>
        withStore(stack, async (store) => (await store.get(marker)) !== undefined).catch(() => false),
      );
    },
  );

  it('stops everything, and takes its addresses back', async () => {
    const running = await records();
    expect(running).toHaveLength(parts.length);
    await stack.stop();
    expect(running.filter(isRunning)).toEqual([]);
    expect(existsSync(stack.state.env)).toBe(false);
    expect(existsSync(stack.state.lock)).toBe(false);
  });

  it('starts again with the same ports and what it held', async () => {
    stack = await start();
    expect(readFileSync(path.join(folder, 'ports.json'), 'utf8')).toBe(ports);
    expect(await withStore(stack, (store) => store.get(marker))).toBeDefined();
    await stack.stop();
  });

  it('goes on after it was killed as a whole', async () => {
    const script = `
      const { startStack } = await import(${JSON.stringify(path.join(repository, 'tools/stack/dist/index.js'))});
      await startStack({ stateDir: ${JSON.stringify(folder)}, parts: ${JSON.stringify(parts)} });
      setInterval(() => undefined, 1000);`;
    const supervisor: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
    });
    await until(() => existsSync(path.join(folder, 'stack.env')), 60);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    const orphans = await records();
    expect(orphans.filter(isRunning)).toHaveLength(parts.length);

    stack = await start();
    expect(lines[0]).toBe(`ended what an earlier run left: ${[...parts].sort().join(', ')}`);
    expect(orphans.filter(isRunning)).toEqual([]);
    expect(readFileSync(path.join(folder, 'ports.json'), 'utf8')).toBe(ports);
    expect(await withStore(stack, (store) => store.get(marker))).toBeDefined();
    await stack.stop();
  });

  it('forgets everything when asked to start fresh', async () => {
    stack = await start({ fresh: true });
    expect(await withStore(stack, (store) => store.get(marker))).toBeUndefined();
    await stack.stop();
  });

  it('leaves nothing running when a part cannot start', async () => {
    const before = process.env['TEMPORAL_CLI'];
    process.env['TEMPORAL_CLI'] = '/bin/false';
    try {
      await expect(start()).rejects.toThrow(/temporal does not start: it ended with code 1/);
    } finally {
      if (before === undefined) delete process.env['TEMPORAL_CLI'];
      else process.env['TEMPORAL_CLI'] = before;
    }
    expect(await records()).toEqual([]);
    expect(existsSync(path.join(folder, 'stack.lock'))).toBe(false);
  });
});

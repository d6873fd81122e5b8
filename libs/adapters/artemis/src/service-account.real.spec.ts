import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startKube, type TestKube } from '@samband/testing';
import type { BrokerManagement } from '@samband/topology';
import { createBrokerManagement } from './management/broker-management.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';

const account = 'system:serviceaccount:team1:app';

describe('logins of service accounts', () => {
  let kube: TestKube;
  let folder: string;
  let broker: TestBroker;
  let management: BrokerManagement;

  beforeAll(async () => {
    kube = await startKube();
    folder = await mkdtemp(path.join(os.tmpdir(), 'samband-token-'));
    const tokenPath = path.join(folder, 'token');
    const caPath = path.join(folder, 'ca.crt');
    await writeFile(tokenPath, await kube.tokenFor('samband', 'broker'));
    await writeFile(caPath, kube.ca);
    await kube.kubectl([
      'create',
      'clusterrolebinding',
      'broker',
      '--clusterrole=system:auth-delegator',
      '--serviceaccount=samband:broker',
    ]);
    const { hostname, port } = new URL(kube.url);
    broker = await startTestBroker({ kubernetes: { host: hostname, port: Number(port), tokenPath, caPath } });
    management = createBrokerManagement(broker.access());
    await management.ensureAddresses([{ address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } }]);
    await management.setPermissions([
      { match: '#', send: [account, 'alice'], consume: [account], browse: [] },
    ]);
    await broker.setUsers({ [account]: undefined, alice: 'secret' });
    await management.forgetLogins();
  });
  afterAll(async () => {
    await management.close();
    await broker.stop();
    await kube.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['@@serviceaccount@@', account, 'whatever'])(
    'are proven by the token, whatever name comes with it: %s',
    async (username) => {
      const connection = await broker.connect({ username, password: await kube.tokenFor('team1', 'app') });
      const sender = await connection.openSender('orders', { timeoutMs: 5000 });
      await sender.send({ body: 'hello' });
      await connection.close();
    },
  );

  it('leave passwords and SCRAM as they are', async () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const) {
      const connection = await broker.connect({ username: 'alice', password: 'secret', mechanism });
      await connection.openSender('orders', { timeoutMs: 5000 });
      await connection.close();
    }
    await expect(broker.connect({ username: 'alice', password: 'wrong' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('allow nothing to a valid token of another tenant, even under a name that may, and refuse what is no token', async () => {
    const stranger = await broker.connect({
      username: account,
      password: await kube.tokenFor('team2', 'app'),
    });
    await expect(stranger.openSender('orders', { timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(stranger.openReceiver('orders', { timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(stranger.openReceiver('', { dynamic: true, timeoutMs: 5000 })).rejects.toMatchObject({
      code: expect.any(String),
    });
    await stranger.close();
    await expect(broker.connect({ username: account, password: 'no-token' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('are taken away with their connections, though the broker knows those by the claimed name only', async () => {
    const password = await kube.tokenFor('team1', 'app');
    const theirs = await Promise.all(
      ['@@serviceaccount@@', 'whatever', account].map((username) => broker.connect({ username, password })),
    );
    for (const connection of theirs) await connection.openSender('orders', { timeoutMs: 5000 });
    const stranger = await broker.connect({
      username: '@@serviceaccount@@',
      password: await kube.tokenFor('team2', 'app'),
    });
    // Without a session it would be closed as well, because nobody can tell whose it is.
    await stranger.openReceiver('', { dynamic: true, timeoutMs: 5000 }).catch(() => undefined);
    expect(await management.closeConnections([account])).toBe(3);
    await eventually(() => theirs.every((connection) => !connection.isOpen()), { timeoutMs: 2000 });
    expect(stranger.isOpen()).toBe(true);
    await stranger.close();
  });

  it('are refused once the account is gone', async () => {
    const password = await kube.tokenFor('team3', 'app');
    await (await broker.connect({ username: 'x', password })).close();
    await kube.kubectl(['delete', 'serviceaccount', 'app', '-n', 'team3']);
    // The API server itself goes on trusting a token it has just seen for 10 s.
    await eventually(
      async () => {
        await management.forgetLogins();
        await expect(broker.connect({ username: 'x', password })).rejects.toMatchObject({
          code: 'UNAUTHENTICATED',
        });
        return true;
      },
      { timeoutMs: 30_000, intervalMs: 500 },
    );
  });
});

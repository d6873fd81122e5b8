import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import {
  address,
  expectPhase,
  exportRole,
  findLeaks,
  inline,
  offerPlans,
  space,
  Stage,
  statusOf,
  user,
  type Team,
} from '@samband/driver';

/** After a start the source is looked at by itself; it has no webhook to wait for. */
const recovery = { timeoutMs: 120_000, intervalMs: 200 } as const;

let stage: Stage;
let team: Team;
let password: string;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  team = await stage.team('vault-team', { interval: '5s' });
  password = stage.secret('password of app');
  await team.succeed({
    'space.yaml': space('vault'),
    'exports.yaml': exportRole(),
    'app.yaml': user('vault', 'app', inline(password)),
    'store.yaml': address('vault', 'store'),
    'early.yaml': address('vault', 'early'),
  });
  await say('store', 'kept');
});

afterAll(async () => {
  await stage.end();
});

async function say(to: string, ...bodies: readonly string[]): Promise<void> {
  const client = await team.connectSoon({ username: 'app', password });
  await client.send(to, ...bodies);
  await client.close();
}

async function hear(from: string): Promise<string[]> {
  const client = await team.connectSoon({ username: 'app', password });
  try {
    return await client.receive(from, 1);
  } finally {
    await client.close();
  }
}

/** Stops the stack, changes what it stored, and starts it on that. */
async function between(change: (etcd: string) => void): Promise<void> {
  await stage.stop();
  change(path.join(stage.stateDir, 'etcd'));
  await stage.start();
}

describe('a store that was restored from a backup', () => {
  it('catches up with the repository, and loses no message that came after the backup', async () => {
    const backup = path.join(stage.folder, 'backup');
    await between((etcd) => {
      cpSync(etcd, backup, { recursive: true });
    });
    const later = await team.push({ 'late.yaml': address('vault', 'late'), 'early.yaml': undefined });
    expectPhase(await team.ended(later), 'Succeeded');
    await say('late', 'came late');

    // The broker, Temporal and the repository are now newer than the store.
    await between((etcd) => {
      rmSync(etcd, { recursive: true });
      cpSync(backup, etcd, { recursive: true });
    });
    await eventually(async () => expectPhase(await team.ended(later), 'Succeeded'), recovery);
    expect(await hear('late')).toEqual(['came late']);
    expect(await hear('store')).toEqual(['kept']);
    expect(await stage.kube.get('Address', team.namespace, 'vault.early')).toBeUndefined();
    await eventually(async () => {
      const vault = await stage.kube.ready('AddressSpace', team.namespace, 'vault');
      expect(statusOf(vault)['addresses']).toMatchObject({ ready: 2, parked: 0 });
      return true;
    }, recovery);
    expect((await team.rollouts()).at(-1)?.spec.commit).toBe(later);
    expect(await findLeaks(stage)).toEqual([]);
  }, 300_000);
});

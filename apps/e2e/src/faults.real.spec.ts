import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import type { Stack } from '@samband/stack';
import {
  address,
  expectPhase,
  exportRole,
  findLeaks,
  inline,
  maker,
  offerPlans,
  patience,
  space,
  Stage,
  statusOf,
  user,
  type Endpoint,
  type Team,
} from '@samband/driver';

/** A workflow notices by its timeouts that a worker died: half a minute, and some. */
const recovery = { timeoutMs: 120_000, intervalMs: 200 } as const;
const messages = ['one', 'two', 'three'];

let stage: Stage;
let team: Team;
/** Looks at its repository every few seconds, and has no webhook to wait for. */
let poller: Team;
let endpoint: Endpoint;
let password: string;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  team = await stage.team('depot-team');
  poller = await stage.team('poll-team', { interval: '5s' });
  password = stage.secret('password of app');
  await team.succeed({
    'space.yaml': space('depot'),
    'exports.yaml': exportRole(),
    'app.yaml': user('depot', 'app', inline(password)),
    'orders.yaml': address('depot', 'orders'),
    'store.yaml': address('depot', 'store'),
  });
  await poller.succeed({ 'first.yaml': configMap('first') });
  endpoint = await team.endpoint();
  await say('store', ...messages);
});

afterAll(async () => {
  await stage.end();
});

function configMap(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { name } });
}

/** Sends with a connection of its own. */
async function say(to: string, ...bodies: readonly string[]): Promise<void> {
  const client = await team.connect({ username: 'app', password });
  await client.send(to, ...bodies);
  await client.close();
}

async function hear(from: string, count: number): Promise<string[]> {
  const client = await team.connectSoon({ username: 'app', password });
  try {
    return await client.receive(from, count);
  } finally {
    await client.close();
  }
}

/** Everything that was stored is still there, and stays there. */
async function nothingIsLost(): Promise<void> {
  expect(await team.endpoint()).toEqual(endpoint);
  expect(await hear('store', messages.length)).toEqual(messages);
  await say('store', ...messages);
}

let holds = 0;

/** A commit that adds an address, and a user who waits for a Secret: it is held at its step `wait`. */
async function hold(name: string): Promise<string> {
  const commit = await team.push({
    [`${name}.yaml`]: address('depot', name),
    // Of its own: one that was there before makes nothing for this commit.
    [`${name}-maker.yaml`]: maker((holds += 1)),
    [`${name}-user.yaml`]: user('depot', name, { passwordSecretRef: { name } }),
  });
  await team.atStep(commit, 'wait');
  return commit;
}

/** Lets it go on, and insists that it succeeds, in the attempt that was held. */
async function release(name: string, commit: string): Promise<void> {
  const secret = { password: stage.secret(`password of ${name}`) };
  await eventually(() => stage.kube.putSecret(team.namespace, name, secret), patience);
  await eventually(async () => expectPhase(await team.ended(commit), 'Succeeded'), recovery);
  const attempts = (await team.rollouts()).filter(({ spec }) => spec.commit === commit);
  expect(attempts).toHaveLength(1);
  await say(name, 'works');
  expect(await hear(name, 1)).toEqual(['works']);
}

type PartName = ReturnType<Stack['parts']>[number]['name'];

async function kill(name: PartName): Promise<void> {
  const status = (): { restarts: number; ready: boolean } | undefined =>
    stage.stack.parts().find((part) => part.name === name);
  const before = status()?.restarts ?? 0;
  stage.stack.kill(name, 'SIGKILL');
  await eventually(() => (status()?.restarts ?? 0) > before && status()?.ready === true, patience);
}

describe('a rollout under way goes on after kill -9 of', () => {
  let held: string;

  beforeAll(async () => {
    held = await hold('held');
  });

  it.each(['api', 'controller', 'temporal', 'kube-apiserver', 'etcd'] as const)('%s', async (name) => {
    await kill(name);
    await eventually(async () => (await team.rollout(held, ['Verifying'])).metadata.name, patience);
  });

  it('the broker, which has the same ports and all messages again', async () => {
    for (const pid of stage.brokerPids()) process.kill(pid, 'SIGKILL');
    await nothingIsLost();
    await stage.kube.ready('AddressSpace', team.namespace, 'depot');
  });

  it('any of them, to its end', async () => {
    await release('held', held);
  });

  it('the worker, whichever step it is at', async () => {
    const waiting = await hold('waiting');
    const bulk = await poller.repository.push(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [`many/${index}.yaml`, configMap(`many-${index}`)]),
      ),
      'Very many',
    );
    await eventually(
      async () => (await poller.rollout(bulk.after, ['Applying', 'Verifying', 'Succeeded'])).metadata.name,
      { timeoutMs: 30_000, intervalMs: 10 },
    );
    await kill('worker');
    await release('waiting', waiting);
    await eventually(async () => expectPhase(await poller.ended(bulk.after), 'Succeeded'), recovery);
    const maps = await stage.kube.list('ConfigMap', poller.namespace);
    expect(maps.filter(({ metadata }) => metadata.name.startsWith('many-'))).toHaveLength(200);
  });
});

describe('while Temporal does not answer', () => {
  it('a webhook is accepted, and its commit is rolled out afterwards', async () => {
    stage.stack.kill('temporal', 'SIGSTOP');
    try {
      const push = await team.repository.push({ 'patient.yaml': address('depot', 'patient') }, 'Be patient');
      expect((await team.deliver(push)).status).toBe(202);
      stage.stack.kill('temporal', 'SIGCONT');
      await eventually(async () => expectPhase(await team.ended(push.after), 'Succeeded'), recovery);
    } finally {
      stage.stack.kill('temporal', 'SIGCONT');
    }
  });

  it('a webhook that was accepted outlives the api', async () => {
    stage.stack.kill('temporal', 'SIGSTOP');
    try {
      const push = await team.repository.push({ 'outlived.yaml': address('depot', 'outlived') }, 'Be kept');
      expect((await team.deliver(push)).status).toBe(202);
      await kill('api');
      stage.stack.kill('temporal', 'SIGCONT');
      await eventually(async () => expectPhase(await team.ended(push.after), 'Succeeded'), recovery);
    } finally {
      stage.stack.kill('temporal', 'SIGCONT');
    }
  });
});

describe('the whole stack, killed and started again', () => {
  it('goes on with what was running, and finds what was pushed meanwhile', async () => {
    const held = await hold('survivor');
    const rollouts = await names();
    stage.killAll();
    await stage.stop();
    const push = await poller.repository.push({ 'second.yaml': configMap('second') }, 'Nobody is listening');
    await stage.start();
    await nothingIsLost();
    await release('survivor', held);
    await eventually(async () => expectPhase(await poller.ended(push.after), 'Succeeded'), recovery);
    expect(await stage.kube.get('ConfigMap', poller.namespace, 'second')).toBeDefined();
    expect(await names()).toEqual(rollouts);
  });

  it('ends in the same state with an empty Temporal, and rolls nothing out again', async () => {
    const held = await hold('forgotten');
    const rollouts = await names();
    await stage.stop();
    for (const file of readdirSync(stage.stateDir))
      if (file.startsWith('temporal.db')) await rm(path.join(stage.stateDir, file));
    const push = await poller.repository.push({ 'third.yaml': configMap('third') }, 'Nobody remembers');
    await stage.start();
    await nothingIsLost();
    await release('forgotten', held);
    await eventually(async () => expectPhase(await poller.ended(push.after), 'Succeeded'), recovery);
    expect(await names()).toEqual(rollouts);
    await team.succeed({ 'last.yaml': address('depot', 'last') });
    const depot = await stage.kube.ready('AddressSpace', team.namespace, 'depot');
    expect(statusOf(depot)['addresses']).toMatchObject({ parked: 0 });
  });

  async function names(): Promise<string[]> {
    return (await team.rollouts()).map(({ metadata }) => metadata.name);
  }
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LookReason, SourceAssessment } from '@samband/contract';
import { SambandError } from '@samband/errors';
import { findCondition, refOf, type GitSource, type Rollout } from '@samband/resources';
import { aGitSource, Lifetime } from '@samband/testing';
import { aMemory, aRun, countWrites, World } from '../world.spec-helper.js';
import { assessSource, type SourceMemory } from './assess.js';

const ref = { namespace: 'team', name: 'messaging' };
const sha = (digit: string): string => digit.repeat(40);

describe('a look at a source', () => {
  let world: World;
  let memory: SourceMemory;
  beforeEach(async () => {
    world = new World();
    memory = aMemory(world);
    await world.add(aGitSource());
    world.head = sha('a');
  });

  /** By a worker that has just started: it knows of no look before. */
  const look = (ports = world.ports()): Promise<SourceAssessment> =>
    assessSource(ports, aMemory(world), ref, 'blind', aRun());
  const lookAgain = (reason: LookReason = 'woken'): Promise<SourceAssessment> =>
    assessSource(world.ports(), memory, ref, reason, aRun());
  const ask = (value: string): Promise<unknown> =>
    world.edit(refOf(aGitSource()), { metadata: { annotations: { 'samband.dev/requested-at': value } } });
  const source = async (): Promise<GitSource> => (await world.get(refOf(aGitSource()))) as GitSource;
  const rollouts = (): Rollout[] =>
    world.memory.all().filter(({ kind }) => kind === 'Rollout') as unknown as Rollout[];
  const names = (): string[] => rollouts().map(({ metadata }) => metadata.name);
  const finish = (name: string, status: object): Promise<unknown> =>
    world.memory.store.patchStatus({
      ref: { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace: 'team', name },
      status,
    });

  it('makes a rollout of a new head, starts it, and says so', async () => {
    const assessment = await look();
    expect(names()).toEqual([`messaging-${'a'.repeat(12)}-1`]);
    expect(assessment).toMatchObject({
      kind: 'present',
      start: names()[0],
      supersede: [],
      nextCheckSeconds: 300,
    });
    expect(await source()).toMatchObject({
      metadata: { finalizers: ['samband.dev/git-source'] },
      status: { observedGeneration: 1, head: { commit: sha('a') }, current: { rollout: names()[0] } },
    });
  });

  it('asks git again only when somebody asks, the source changes or its interval has passed', async () => {
    const head = async (): Promise<string | undefined> => (await source()).status?.head?.commit;
    await lookAgain();
    await finish(names()[0]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
    world.head = sha('b');
    world.now = new Date(world.now.getTime() + 290_000);
    expect(await lookAgain()).toMatchObject({ nextCheckSeconds: 10 });
    expect(await head()).toBe(sha('a'));
    world.now = new Date(world.now.getTime() + 10_000);
    await lookAgain();
    expect(await head()).toBe(sha('b'));
    await finish(names()[1]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:05:00Z' });
    world.head = sha('c');
    await ask('now');
    await lookAgain();
    expect(await head()).toBe(sha('c'));
    await finish(names()[2]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:05:00Z' });
    world.head = sha('d');
    await world.edit(refOf(aGitSource()), { spec: { interval: '10m' } });
    await lookAgain();
    expect(await head()).toBe(sha('d'));
  });

  it.each(['asked', 'blind'] as const)(
    'asks git for a look that is %s, however new the last one is',
    async (reason) => {
      await lookAgain();
      await finish(names()[0]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
      world.head = sha('b');
      await lookAgain(reason);
      expect((await source()).status?.head?.commit).toBe(sha('b'));
    },
  );

  it('owes a look to a repository that did not answer', async () => {
    expect(await lookAgain()).not.toHaveProperty('isOwed');
    world.isGitAway = true;
    expect(await lookAgain('asked')).toMatchObject({ isOwed: true });
  });

  it('makes no rollout of a head that it only remembers', async () => {
    await lookAgain();
    await finish(names()[0]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
    world.head = sha('b');
    // Another worker saw it.
    await look();
    await finish(names()[1]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:01Z' });
    await lookAgain();
    expect(rollouts().map(({ spec }) => spec.commit)).toEqual([sha('a'), sha('b')]);
  });

  it('tells when it was asked in vain', async () => {
    await ask('first');
    expect(await look()).not.toHaveProperty('isInVain');
    await finish(names()[0]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
    expect(await look()).not.toHaveProperty('isInVain');
    await ask('second');
    expect(await look()).toMatchObject({ isInVain: true });
    expect(await lookAgain('asked')).toMatchObject({ isInVain: true });
    expect(await lookAgain('blind')).not.toHaveProperty('isInVain');
  });

  it('protects the source from vanishing although somebody writes to it at the same moment', async () => {
    const ports = world.ports();
    let refusals = 2;
    const patch: typeof ports.store.patch = (...call) => {
      refusals -= 1;
      return refusals < 0
        ? ports.store.patch(...call)
        : Promise.reject(new SambandError('KUBERNETES_CONFLICT', 'the object has been modified'));
    };
    await look({ ...ports, store: { ...ports.store, patch } });
    expect((await source()).metadata.finalizers).toEqual(['samband.dev/git-source']);
  });

  it('makes it once, however often it looks', async () => {
    await look();
    const first = world.memory.all();
    expect(await look()).toMatchObject({ start: names()[0] });
    expect(names()).toHaveLength(1);
    await look();
    // The second look found the rollout of the first; from then on nothing is written any more.
    const second = world.memory.all();
    await look();
    expect(world.memory.all()).toEqual(second);
    expect(first).toHaveLength(second.length);
  });

  it('writes no status that says what is said already', async () => {
    await look();
    await finish(names()[0]!, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
    await look();
    const writes = countWrites(world.ports());
    await look(writes.ports);
    expect(writes.statuses).toBe(0);
  });

  it('killed after any number of calls ends the same when it looks again', async () => {
    await look();
    const undisturbed = { rollouts: rollouts().map(({ spec }) => spec), status: (await source()).status };
    for (let calls = 0; calls < 20; calls += 1) {
      world = new World();
      await world.add(aGitSource());
      world.head = sha('a');
      await look(world.ports(new Lifetime(calls))).catch(() => undefined);
      await look();
      expect({ rollouts: rollouts().map(({ spec }) => spec), status: (await source()).status }).toMatchObject(
        {
          rollouts: undisturbed.rollouts,
          status: { head: undisturbed.status?.head, current: { rollout: names()[0] } },
        },
      );
    }
  });

  it('tells what has not begun to yield to a newer head, and starts that when it has', async () => {
    await look();
    world.head = sha('b');
    const yielding = await look();
    expect(yielding).toMatchObject({ supersede: [`messaging-${'a'.repeat(12)}-1`] });
    expect(yielding).not.toHaveProperty('start');
    await finish(`messaging-${'a'.repeat(12)}-1`, { phase: 'Superseded' });
    expect(await look()).toMatchObject({ start: `messaging-${'b'.repeat(12)}-1`, supersede: [] });
  });

  it.each(['Applying', 'Verifying', 'RollingBack'])(
    'tells one that is %s to make room, and says in the status which one waits for it',
    async (phase) => {
      await look();
      const [first = ''] = names();
      await finish(first, { phase });
      world.head = sha('b');
      const yielding = await look();
      expect(yielding).toMatchObject({ supersede: [first] });
      expect(yielding).not.toHaveProperty('start');
      const message = `rollout ${names()[1]} begins as soon as ${first} has made room for it`;
      expect(findCondition((await source()).status?.conditions, 'Reconciling')).toMatchObject({ message });
    },
  );

  it('lets one that is past its commit point finish before the next begins', async () => {
    await look();
    const steps = [{ name: 'commit', phase: 'Succeeded', attempt: 1 }];
    await finish(names()[0]!, { phase: 'Verifying', steps });
    world.head = sha('b');
    expect(await look()).toMatchObject({ start: `messaging-${'a'.repeat(12)}-1`, supersede: [] });
    expect(names()).toHaveLength(2);
  });

  it('says in the status which step the rollout that runs is at, and what it waits for', async () => {
    await look();
    const message = 'at step wait: 2 of 7 ready; waits for MessagingUser team/app.batch';
    await finish(names()[0]!, {
      phase: 'Verifying',
      conditions: [{ type: 'Ready', status: 'False', reason: 'Verifying', message }],
    });
    await look();
    const said = `rollout ${names()[0]} is under way: ${message}`;
    expect(findCondition((await source()).status?.conditions, 'Reconciling')).toMatchObject({
      message: said,
    });
  });

  it('is stalled, in the words of the rollout, where that is stuck on its way back', async () => {
    await look();
    const message = 'stuck at step restore: it may not. Mend it, then annotate the Rollout';
    await finish(names()[0]!, {
      phase: 'Failed',
      conditions: [{ type: 'Ready', status: 'False', reason: 'KubernetesForbidden', message }],
    });
    await look();
    const said = { reason: 'KubernetesForbidden', message: `rollout ${names()[0]}: ${message}` };
    expect(findCondition((await source()).status?.conditions, 'Stalled')).toMatchObject(said);
  });

  it('starts nothing beside one that was stuck and goes on while the new one is made', async () => {
    await look();
    const [stuck = ''] = names();
    await finish(stuck, { phase: 'Failed' });
    world.head = sha('b');
    const ports = world.ports();
    const create: typeof ports.store.create = async (...call) => {
      await finish(stuck, { phase: 'RollingBack' });
      return ports.store.create(...call);
    };
    const yielding = await look({ ...ports, store: { ...ports.store, create } });
    expect(yielding).toMatchObject({ supersede: [stuck] });
    expect(yielding).not.toHaveProperty('start');
    await finish(stuck, { phase: 'Failed' });
    expect(await look()).toMatchObject({ start: `messaging-${'b'.repeat(12)}-1` });
  });

  it('rolls out each head once and names the newest, also when the clock was put back', async () => {
    const commit = { name: 'commit', phase: 'Succeeded', attempt: 1 };
    const succeed = (name = ''): Promise<unknown> => {
      const finishedAt = world.now.toISOString();
      const condition = { type: 'Ready', status: 'True', reason: 'Succeeded', message: '' };
      return finish(name, {
        phase: 'Succeeded',
        finishedAt,
        steps: [{ ...commit, startedAt: finishedAt, finishedAt }],
        conditions: [{ ...condition, lastTransitionTime: finishedAt }],
      });
    };
    await look();
    await succeed(names()[0]);
    world.now = new Date(world.now.getTime() - 3_600_000);
    world.head = sha('b');
    await look();
    const newest = `messaging-${'b'.repeat(12)}-1`;
    expect(await look()).toMatchObject({ start: newest });
    await succeed(newest);
    await look();
    expect(names()).toHaveLength(2);
    const { applied, conditions } = (await source()).status ?? {};
    expect(applied).toMatchObject({ rollout: newest });
    expect(findCondition(conditions, 'Ready')?.message).toContain(newest);
  });

  it('says of a rollout that awaits confirmation what that says, and looks at it no more often', async () => {
    await look();
    const said = { type: 'Ready', status: 'False', reason: 'AwaitingConfirmation', message: 'confirm it so' };
    await finish(names()[0]!, { phase: 'AwaitingConfirmation', conditions: [said] });
    expect(await look()).toMatchObject({ start: names()[0], nextCheckSeconds: 300 });
    expect(findCondition((await source()).status?.conditions, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'AwaitingConfirmation',
      message: `rollout ${names()[0]!}: confirm it so`,
    });
  });

  it('says why the repository cannot be read, and looks again soon', async () => {
    world.isGitAway = true;
    expect(await look()).toMatchObject({ nextCheckSeconds: 30 });
    const { conditions } = (await source()).status ?? {};
    expect(findCondition(conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'GitUnavailable',
      message: 'the repository does not answer',
    });
    expect(names()).toEqual([]);
  });

  it('answers a request once, and bounds what it keeps of it', async () => {
    const annotations = { 'samband.dev/requested-at': 'now'.repeat(2_000) };
    await world.edit(refOf(aGitSource()), { metadata: { annotations } });
    await look();
    const handled = (await source()).status?.lastHandled;
    expect(handled?.requestedAt).toHaveLength(1_024);
    await look();
    const { resourceVersion } = (await source()).metadata;
    await look();
    expect((await source()).metadata.resourceVersion).toBe(resourceVersion);
  });

  it('does nothing while it is suspended, and says that', async () => {
    await world.edit(refOf(aGitSource()), { spec: { suspend: true } });
    await look();
    expect(names()).toEqual([]);
    expect(findCondition((await source()).status?.conditions, 'Ready')).toMatchObject({
      reason: 'Suspended',
    });
  });

  it('says why a rollback is not done', async () => {
    await look();
    await finish(names()[0]!, { phase: 'Succeeded' });
    await world.edit(refOf(aGitSource()), {
      metadata: { annotations: { 'samband.dev/rollback-to': 'messaging-nobody-1' } },
    });
    await look();
    expect(findCondition((await source()).status?.conditions, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'RollbackRefused',
    });
  });

  it('keeps a rollback that is asked for while it is suspended', async () => {
    await look();
    await finish(names()[0]!, { phase: 'Succeeded' });
    world.head = sha('b');
    await look();
    await finish(names()[1]!, { phase: 'Succeeded' });
    await world.edit(refOf(aGitSource()), {
      metadata: { annotations: { 'samband.dev/rollback-to': names()[0] } },
      spec: { suspend: true },
    });
    await look();
    expect(names()).toHaveLength(2);
    await world.edit(refOf(aGitSource()), { spec: { suspend: false } });
    await look();
    expect(rollouts().at(-1)?.spec).toMatchObject({ commit: sha('a'), attempt: 2 });
  });

  it('of one that is being removed says whether something still runs', async () => {
    await look();
    const [name = ''] = names();
    const steps = [{ name: 'commit', phase: 'Succeeded', attempt: 1 }];
    await finish(name, { phase: 'Verifying', steps });
    await world.memory.store.delete(refOf(aGitSource()));
    expect(await look()).toEqual({ kind: 'terminating', running: true, supersede: [] });
    await finish(name, { phase: 'Succeeded' });
    expect(await look()).toEqual({ kind: 'terminating', running: false, supersede: [] });
  });

  it.each(['Pending', 'Verifying'])('of one that is being removed ends what is %s', async (phase) => {
    await look();
    const waiting = names();
    await finish(waiting[0]!, { phase });
    await world.memory.store.delete(refOf(aGitSource()));
    expect(await look()).toEqual({ kind: 'terminating', running: true, supersede: waiting });
  });

  it('of one that was made again rolls out what its namesake had rolled out', async () => {
    await look();
    const [first = ''] = names();
    await finish(first, { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:00Z' });
    await world.memory.store.delete(refOf(aGitSource()));
    await world.edit(refOf(aGitSource()), { metadata: { finalizers: [] } });
    await world.add(aGitSource());
    const assessment = await look();
    expect(names()).toEqual([first, `messaging-${'a'.repeat(12)}-2`]);
    expect(assessment).toMatchObject({ start: names()[1] });
    expect((await source()).status).not.toHaveProperty('applied');
  });

  it('of one that is gone says so', async () => {
    await world.memory.store.delete(refOf(aGitSource()));
    expect(await look()).toEqual({ kind: 'absent' });
  });

  it('forgets rollouts beyond the history that is kept', async () => {
    for (let index = 0; index < 60; index += 1) {
      world.head = index.toString(16).padStart(40, 'c');
      world.now = new Date(world.now.getTime() + 60_000);
      const assessment = await look();
      if (assessment.kind === 'present' && assessment.start !== undefined)
        await finish(assessment.start, { phase: 'Succeeded', finishedAt: world.now.toISOString() });
    }
    await look();
    expect(names().length).toBeLessThanOrEqual(51);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SourceAssessment } from '@samband/contract';
import { SambandError } from '@samband/errors';
import {
  annotations,
  findCondition,
  labels,
  refOf,
  type Condition,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type Rollout,
} from '@samband/resources';
import { aGitSource, anAddress, anAddressSpace } from '@samband/testing';
import { applyRollout } from '../rollout/apply.js';
import { awaitReady } from '../rollout/await.js';
import { SourceInventory } from '../rollout/inventory.js';
import { madeOf } from '../rollout/made.js';
import { aMap, deployer, RolloutWorld } from '../rollout/rollout.spec-helper.js';
import { aMemory, aRun } from '../world.spec-helper.js';
import { assessSource, type SourceMemory } from './assess.js';
import { DriftWatch } from './drift-watch.js';

const ref = { namespace: 'team', name: 'messaging' };
const orders = anAddress();
const map = aMap('settings', { a: '1' });

describe('an object that a source applied', () => {
  let world: RolloutWorld;
  let memory: SourceMemory;
  /** `<kind> <name>` of what was read from the API server itself. */
  let reads: string[] = [];
  /** What the API server does not answer about. */
  let isAway: (of: ObjectRef) => boolean;

  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    memory = aMemory(world);
    isAway = () => false;
    await bring(anAddressSpace(), orders, map);
    await look();
    reads = [];
  });

  async function bring(...objects: object[]): Promise<void> {
    const rollout = await world.rollOut(objects);
    await world.memory.store.patchStatus({
      ref: { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', ...rollout },
      status: { finishedAt: world.now.toISOString() },
    });
    await world.settled();
  }

  const look = (own = memory): Promise<SourceAssessment> => {
    const ports = world.ports();
    const get: typeof ports.store.get = (of, options) => {
      reads.push(`${of.kind} ${of.name}`);
      return isAway(of)
        ? Promise.reject(new SambandError('KUBERNETES_UNAVAILABLE', 'away'))
        : ports.store.get(of, options);
    };
    const store = new Proxy(ports.store, {
      get: (target, name): unknown => (name === 'get' ? get : Reflect.get(target, name)),
    });
    return assessSource({ ...ports, store }, own, ref, 'woken', aRun());
  };
  const later = (seconds: number): void => {
    world.now = new Date(world.now.getTime() + seconds * 1_000);
  };
  const rollouts = (): Rollout[] =>
    world.memory.all().filter(({ kind }) => kind === 'Rollout') as unknown as Rollout[];
  const heals = (): Rollout[] => rollouts().filter((rollout) => madeOf(rollout).cause === 'drift');
  const ready = async (): Promise<Condition | undefined> => {
    const source = (await world.get(refOf(aGitSource()))) as GitSource;
    return findCondition(source.status?.conditions, 'Ready');
  };
  /** Everything that is decided is done, until nothing is left to do. */
  const heal = async (): Promise<void> => {
    await look();
    for (const rollout of heals().filter(({ status }) => status?.phase === undefined)) {
      const { namespace = '', name } = rollout.metadata;
      await world.prepare({ namespace, name });
      await applyRollout(world.ports(), { namespace, name }, aRun());
      await awaitReady(world.ports(), { namespace, name }, aRun());
      await world.finish({ namespace, name });
      await world.settled();
    }
    await look();
  };
  const specOf = async (object: object): Promise<unknown> =>
    (await world.get(refOf(object as KubeObject)))?.['spec'];
  const edit = (object: object, patch: object): Promise<unknown> =>
    world.edit(refOf(object as KubeObject), patch);
  const remove = async (object: object): Promise<void> => {
    await world.memory.store.delete(refOf(object as KubeObject));
    await world.settled();
  };
  const setMode = (drift: string): Promise<unknown> => edit(aGitSource(), { spec: { drift } });

  it('is as it was: then nothing is read but what nobody watches, and the source says that the commit is in force', async () => {
    later(25);
    await look();
    expect(reads.filter((read) => read.startsWith('Address '))).toEqual([]);
    expect(reads.filter((read) => read.startsWith('ConfigMap '))).toEqual(['ConfigMap settings']);
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({
      status: 'True',
      message: expect.stringContaining('is applied and works'),
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['deleted', () => remove(orders)],
    ['changed in a declared field', () => edit(orders, { spec: { plan: 'another' } })],
    [
      'stripped of the labels of its source',
      () => edit(orders, { metadata: { labels: { [labels.source]: null } } }),
    ],
    [
      'deleted and made again by somebody, labels and all',
      async () => {
        const copy = (await world.get(refOf(orders)))!;
        await remove(orders);
        await world.add({
          ...copy,
          metadata: { name: copy.metadata.name, namespace: 'team', labels: copy.metadata.labels },
        });
      },
    ],
    ['of a kind that nobody watches and was deleted', () => remove(map)],
    ['of a kind that nobody watches and was changed', () => edit(map, { data: { a: '2' } })],
  ])('and that was %s is put back by a rollout of its own', async (_what, hand) => {
    const before = world.tenants();
    await hand();
    later(25);
    await look();
    expect(heals()).toHaveLength(1);
    expect((await ready())?.status).toBe('False');
    await heal();
    expect(world.tenants()).toEqual(before);
    expect(heals()[0]?.status?.plan).toMatchObject({ remove: 0, entries: [expect.anything()] });
    expect(heals()).toHaveLength(1);
    expect(await ready()).toMatchObject({ status: 'True' });
    expect(world.events).toContainEqual(expect.stringMatching(/Warning Drifted .* puts it back/));
  });

  it('is judged after a commit by what that has changed, not by the whole commit', async () => {
    await bring(anAddressSpace(), anAddress({ spec: { messageTtl: { maximum: 5 } } }), aMap('more', {}));
    await look();
    expect(reads.filter((read) => read.includes('-tree-'))).toEqual([]);
    expect(reads).toEqual(expect.arrayContaining([expect.stringContaining('-plan-'), 'ConfigMap more']));
    expect(reads).not.toContain('ConfigMap settings');
    expect(heals()).toEqual([]);
  });

  it('is put back although the look that should have found it failed half-way', async () => {
    await edit(orders, { spec: { plan: 'another' } });
    isAway = ({ kind }) => kind === 'Address';
    await expect(look()).rejects.toThrow('away');
    isAway = () => false;
    await heal();
    expect(await specOf(orders)).toEqual(orders.spec);
  });

  it('is left with what others gave to fields that it does not declare', async () => {
    await edit(orders, { spec: { messageTtl: { maximum: 5 } }, metadata: { annotations: { note: 'x' } } });
    await edit(map, { data: { b: '2' } });
    later(25);
    await look();
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({ status: 'True' });
  });

  it('is put back by a worker that started after it was changed', async () => {
    await edit(orders, { spec: { plan: 'another' } });
    await look(aMemory(world));
    expect(heals()).toHaveLength(1);
  });

  it('is put back from what is in force while the repository is away', async () => {
    await remove(orders);
    world.isGitAway = true;
    world.commits.clear();
    await heal();
    expect(await specOf(orders)).toEqual(orders.spec);
  });

  it('stays as somebody changed it while a rollout runs, and is put back after that', async () => {
    const running = await world.commit([anAddressSpace(), orders, map, aMap('more', {})]);
    await world.prepare(running);
    await edit(orders, { spec: { plan: 'another' } });
    await applyRollout(world.ports(), running, aRun());
    await look();
    expect(await specOf(orders)).toMatchObject({ plan: 'another' });
    expect(heals()).toEqual([]);
    await world.finish(running);
    await heal();
    expect(await specOf(orders)).toEqual(orders.spec);
  });

  it('of a commit that a refused one came after is put back, and that stays refused', async () => {
    const refused = await world.commit([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }]);
    await expect(world.prepare(refused)).rejects.toThrow();
    const status = { phase: 'Refused', finishedAt: world.now.toISOString() };
    await world.memory.store.patchStatus({
      ref: { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', ...refused },
      status: {
        ...status,
        conditions: [{ type: 'Ready', status: 'False', reason: 'RolloutRefused', message: 'no name' }],
      },
    });
    await remove(orders);
    await heal();
    expect(await specOf(orders)).toEqual(orders.spec);
    expect(rollouts().filter(({ spec }) => spec.commit === world.head)).toHaveLength(1);
    expect(await ready()).toMatchObject({ status: 'False', reason: 'RolloutRefused' });
  });

  it('is told of and left where its source reports, until somebody puts it right', async () => {
    await setMode('report');
    await bring(anAddressSpace(), orders, map);
    await edit(orders, { spec: { plan: 'another' } });
    await remove(map);
    later(25);
    await look();
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({
      status: 'False',
      reason: 'Drifted',
      message: expect.stringMatching(
        /Address team\/app.orders differs in spec.plan \(changed by kubectl-edit\).*ConfigMap team\/settings does not exist/,
      ),
    });
    const told = world.events.filter((event) => event.includes('Drifted')).length;
    await look(aMemory(world));
    expect((await ready())?.status).toBe('False');
    expect(world.events.filter((event) => event.includes('Drifted'))).toHaveLength(told);
    await edit(orders, { spec: { plan: orders.spec.plan } });
    await world.add(map);
    later(25);
    await look();
    expect((await ready())?.message).toMatch(/^ConfigMap team\/settings differs in metadata.labels/);
  });

  it('is left without a word where its source ignores', async () => {
    await setMode('ignore');
    await bring(anAddressSpace(), orders, map);
    await edit(orders, { spec: { plan: 'another' } });
    await look();
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({ status: 'True' });
  });

  it('has its own word in its manifest, which no hand can give it', async () => {
    const left = { ...aMap('left', { a: '1' }) };
    left.metadata.annotations = { [annotations.drift]: 'ignore' };
    await bring(anAddressSpace(), orders, map, left);
    await look();
    await edit(left, { data: { a: '2' } });
    await edit(orders, {
      spec: { plan: 'another' },
      metadata: { annotations: { [annotations.drift]: 'ignore' } },
    });
    later(25);
    await heal();
    expect(await specOf(orders)).toEqual(orders.spec);
    expect((await world.get(refOf(left)))?.['data']).toEqual({ a: '2' });
    await bring(anAddressSpace(), orders, map, left);
    expect((await world.get(refOf(left)))?.['data']).toEqual({ a: '1' });
  });

  it('is not put back while its source is suspended', async () => {
    await edit(aGitSource(), { spec: { suspend: true } });
    await remove(orders);
    await look();
    expect(heals()).toEqual([]);
  });

  it('that is being removed is made again when it is gone', async () => {
    world.holdRemovals();
    await world.memory.store.delete(refOf(anAddressSpace()));
    await look();
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({
      status: 'False',
      reason: 'Drifted',
      message: expect.stringContaining('is being removed'),
    });
    world.releaseRemovals();
    await heal();
    expect(await specOf(anAddressSpace())).toEqual(anAddressSpace().spec);
  });

  it('that its service account may no longer see is told of', async () => {
    world.memory.may = (user, verb, { kind }) => user !== deployer || verb !== 'get' || kind !== 'ConfigMap';
    later(25);
    await edit(map, { data: { a: '2' } });
    await look();
    expect(await ready()).toMatchObject({
      status: 'False',
      message: expect.stringContaining('cannot be looked at'),
    });
  });

  it('that was put back again and again is said to be fought over, with who does it', async () => {
    for (let round = 0; round < 8; round += 1) {
      await edit(orders, { spec: { plan: 'another' } });
      await heal();
    }
    await edit(orders, { spec: { plan: 'another' } });
    await look();
    expect(heals()).toHaveLength(8);
    expect(await ready()).toMatchObject({
      reason: 'DriftRepeats',
      message: expect.stringContaining('changed by kubectl-edit'),
    });
    later(31);
    await heal();
    expect(heals()).toHaveLength(9);
  });

  it('is not taken for gone by a watch that lags', async () => {
    const { metadata } = (await world.get(refOf(orders)))!;
    await remove(orders);
    world.memory.view.pause();
    const again = { ...orders, metadata: { ...orders.metadata, labels: metadata.labels! } };
    const made = await world.memory.store.apply(again, { fieldManager: 'samband.dev/team.messaging' });
    const source = (await world.get(refOf(aGitSource()))) as GitSource;
    const inventory = await SourceInventory.read(world.memory.store, source);
    await inventory.update({ applied: [{ ref: refOf(made), uid: made.metadata.uid! }] });
    await look();
    expect(heals()).toEqual([]);
    world.memory.view.resume();
    await look();
    expect(heals()).toEqual([]);
    expect(await ready()).toMatchObject({ status: 'True' });
  });
});

describe('the watch of drift', () => {
  it('tells a source of what is changed, and first of all sources', async () => {
    const world = await new RolloutWorld().withPlans();
    await world.rollOut([anAddressSpace(), orders]);
    await world.settled();
    const told: string[] = [];
    const watch = new DriftWatch(world.memory.view, ({ namespace, name }) =>
      told.push(`${namespace}/${name}`),
    );
    expect(told.splice(0)).toEqual(['team/messaging']);
    await world.memory.store.patchStatus({ ref: refOf(orders), status: { phase: 'Active' } });
    await world.add(anAddress({ spec: { address: 'by-hand' } }));
    const other = { [labels.source]: 'nobody', [labels.sourceNamespace]: 'team' };
    const foreign = anAddress({ spec: { address: 'foreign' } });
    await world.add({ ...foreign, metadata: { ...foreign.metadata, labels: other } });
    await world.memory.store.delete(refOf(foreign));
    expect(told.splice(0)).toEqual([]);
    await world.edit(refOf(orders), { spec: { plan: 'another' } });
    await world.memory.store.delete(refOf(orders));
    await world.settled();
    expect(new Set(told)).toEqual(new Set(['team/messaging']));
    watch.stop();
  });

  it('of very many changes knows that all is to be looked at', () => {
    const watch = new DriftWatch(new RolloutWorld().memory.view, () => undefined);
    const watched = watch.of(ref, 'uid');
    watched.rollout = 'messaging-1';
    for (let index = 0; index <= 20_000; index += 1)
      watched.add({ ref: refOf(aMap(`m${index}`, {})), wasDeleted: false });
    expect(watched).toMatchObject({ rollout: undefined, suspects: new Map() });
    expect(watch.of(ref, 'made-again')).not.toBe(watched);
  });
});

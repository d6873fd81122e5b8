import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { refKey, refOf, type KubeObject, type ObjectRef } from '@samband/resources';
import {
  address,
  applied,
  configMap,
  documentsOf,
  inventoryOf,
  liveOf,
  owner,
  queue,
  space,
  user,
} from './example.fixtures.js';
import { findStrangers, type LastGoodEntry, type LiveObjects } from './ownership.js';
import { planChanges, type PlanInput, type RolloutPlan } from './plan-changes.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const other = { source: 'other', sourceNamespace: 'team2' };

const plan = (text: string, changed: Partial<PlanInput> = {}): RolloutPlan =>
  planChanges({
    documents: documentsOf(text),
    live: new Map(),
    lastGood: [],
    inventory: inventoryOf(changed.live ?? new Map()),
    owner,
    prune: true,
    sha256,
    ...changed,
  });

const actions = ({ entries }: RolloutPlan): string[] =>
  entries.map(({ action, ref }) => `${action} ${ref.name}`);
const objectOf = (text: string): KubeObject => documentsOf(text)[0]!.object;
const lastGoodOf = (result: RolloutPlan): LastGoodEntry[] =>
  result.entries.flatMap((entry) => (entry.action === 'remove' ? [] : [remembered(entry.ref, entry.digest)]));
function remembered(ref: ObjectRef, digest = 'x'): LastGoodEntry {
  return { ref, key: refKey(ref), digest };
}

describe('what becomes of an object', () => {
  it('is added when it is not there, with the labels of its source', () => {
    const [entry] = plan(configMap('c')).entries;
    expect(entry).toMatchObject({
      action: 'add',
      file: 'a.yaml',
      line: 2,
      isAdoption: false,
      manifest: {
        metadata: { labels: { 'samband.dev/source': 'app', 'samband.dev/source-namespace': 'team1' } },
      },
    });
  });

  it('stays when it is as declared, whatever others and the API server added', () => {
    const live = applied(objectOf(queue('app.q')), owner, { status: { isReady: true } });
    live.metadata.annotations = { 'somebody/else': 'x' };
    expect(plan(queue('app.q'), { live: liveOf([live]) })).toMatchObject({ unchanged: 1, change: 0, add: 0 });
  });

  it('is changed when a declared field differs', () => {
    const live = liveOf([applied(objectOf(configMap('c', '{a: b}')))]);
    expect(actions(plan(configMap('c', '{a: x}'), { live }))).toEqual(['change c']);
  });

  it('is changed when the last good commit declared more than this one: what is gone must be taken back', () => {
    const before = plan(configMap('c', '{a: b, more: x}'));
    const live = liveOf([applied(objectOf(configMap('c', '{a: b, more: x}')))]);
    expect(actions(plan(configMap('c'), { live, lastGood: lastGoodOf(before) }))).toEqual(['change c']);
  });

  it('is changed and adopted when it was made by hand', () => {
    const result = plan(configMap('c'), { live: liveOf(configMap('c')) });
    expect(result.entries).toMatchObject([{ action: 'change', isAdoption: true }]);
    expect(result.problems).toEqual([]);
  });

  it('is never changed by what only the API server sets', () => {
    const text = `${queue('app.q')}status: {isReady: false}\n`;
    const live = liveOf([applied(objectOf(queue('app.q')), owner, { status: { isReady: true } })]);
    expect(plan(text, { live }).unchanged).toBe(1);
  });

  it('is removed when the commit no longer holds it and it carries our labels', () => {
    const live = liveOf([applied(objectOf(configMap('gone')))]);
    expect(plan('', { live }).entries).toMatchObject([{ action: 'remove', uid: 'uid-gone' }]);
    expect(plan('', { live, prune: false }).entries).toEqual([]);
  });

  it('is judged anew when what is there or what was applied has changed, though its document has not', () => {
    const documents = documentsOf(configMap('c'));
    const judge = (live: LiveObjects, lastGood: LastGoodEntry[] = []): string[] =>
      actions(
        planChanges({
          documents,
          live,
          lastGood,
          inventory: inventoryOf(live),
          owner,
          prune: true,
          sha256,
        }),
      );
    const there = applied(objectOf(configMap('c')));
    const edited = { ...there, data: { edited: 'by hand' } };
    expect(judge(new Map())).toEqual(['add c']);
    expect(judge(liveOf([there]))).toEqual(['unchanged c']);
    expect(judge(liveOf([edited]))).toEqual(['change c']);
    expect(judge(liveOf([there]))).toEqual(['unchanged c']);
    expect(judge(liveOf([there]), [remembered(refOf(there), 'another')])).toEqual(['change c']);
    expect(judge(new Map())).toEqual(['add c']);
  });

  const key = '/ConfigMap/team1/c';

  it('is removed when the source applied it, though somebody took our labels off', () => {
    const live = liveOf(configMap('c'));
    expect(actions(plan('', { live, inventory: new Map([[key, undefined]]) }))).toEqual(['remove c']);
  });

  it('is left alone when another source has claimed it, somebody made it anew, or it is going already', () => {
    const inventory = new Map([[key, 'uid-c']]);
    const going = applied(objectOf(configMap('c')));
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const anew = applied(objectOf(configMap('c')));
    anew.metadata.uid = 'uid-of-another';
    for (const live of [applied(objectOf(configMap('c')), other), objectOf(configMap('c')), anew, going]) {
      expect(plan('', { live: liveOf([live]), inventory }).entries).toEqual([]);
    }
  });

  it('is left alone, and known for a stranger, when it merely carries the labels', () => {
    const live = liveOf([applied(objectOf(configMap('copy'))), applied(objectOf(configMap('c')))]);
    const inventory = new Map([[key, 'uid-c']]);
    expect(actions(plan('', { live, inventory }))).toEqual(['remove c']);
    expect(findStrangers({ documents: [], live, inventory, owner })).toMatchObject([
      { metadata: { name: 'copy' } },
    ]);
  });

  it('is applied where it is as declared, but was never applied by its source: from then on it is its own', () => {
    const live = liveOf([applied(objectOf(configMap('c')))]);
    expect(actions(plan(configMap('c'), { live, inventory: new Map() }))).toEqual(['change c']);
    expect(actions(plan(configMap('c'), { live, inventory: new Map([[key, 'uid-before']]) }))).toEqual([
      'change c',
    ]);
  });

  it('stays as it is, or away, where it is to be left, and has no problem then', () => {
    const live = liveOf([applied(objectOf(configMap('c', '{a: by-hand}')), other)]);
    const text = configMap('c') + configMap('d') + configMap('e');
    const result = plan(text, { live, isLeft: ({ metadata }) => metadata.name !== 'e' });
    expect(result).toMatchObject({ add: 1, change: 0, remove: 0, unchanged: 2, problems: [] });
  });

  it('is not removed when it was never there', () => {
    expect(plan('', { inventory: new Map([[key, 'uid-c']]) }).entries).toEqual([]);
  });
});

describe('problems of a change', () => {
  it('names the source that an object belongs to', () => {
    const live = liveOf([applied(objectOf(configMap('c')), other)]);
    expect(plan(configMap('c'), { live }).problems).toMatchObject([
      { code: 'OBJECT_CLAIMED', file: 'a.yaml', line: 2, message: expect.stringContaining('team2/other') },
    ]);
  });

  it('takes over from a source that is gone', () => {
    const live = liveOf([applied(objectOf(configMap('c')), other)]);
    const result = plan(configMap('c'), { live, sourceExists: () => false });
    expect(result).toMatchObject({ problems: [], change: 1 });
  });

  it.each<[string, string, string, number]>([
    ['the type of a space', space(), space('app', '{type: standard, plan: small}'), 5],
    [
      'the address of an Address',
      queue('app.q'),
      address('app.q', 'type: queue\naddress: z\nplan: queue'),
      8,
    ],
    [
      'the type of an Address',
      queue('app.q'),
      address('app.q', 'address: app.q\ntype: topic\nplan: queue'),
      8,
    ],
  ])('names what cannot be changed: %s', (_what, before, after, line) => {
    const live = liveOf([applied(objectOf(before))]);
    expect(plan(after, { live }).problems).toMatchObject([{ code: 'IMMUTABLE_FIELD', line }]);
  });

  it.each([
    ['Address', 'address', (name: string) => address(name, 'address: orders')],
    ['MessagingUser', 'username', (name: string) => user(name, 'app')],
  ])('refuses a new %s that wants the %s of one that the commit removes', (kind, _field, make) => {
    const live = liveOf([applied(objectOf(make('app.old')))]);
    expect(plan(make('app.new'), { live }).problems).toEqual([
      expect.objectContaining({
        code: 'NAME_IN_USE',
        resource: `${kind} team1/app.new`,
        message: expect.stringContaining(`${kind} team1/app.old`),
      }),
    ]);
    expect(plan(`${make('app.new')}${make('app.old')}`, { live }).problems).toEqual([]);
    expect(plan(make('other.new'), { live }).problems).toEqual([]);
  });

  it('waits for an object that is still being removed', () => {
    const going = applied(objectOf(space()));
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(plan(space(), { live: liveOf([going]) }).problems).toMatchObject([{ code: 'OBJECT_TERMINATING' }]);
  });
});

describe('the plan as a whole', () => {
  const everything =
    user('app.bob', 'bob') +
    queue('app.q') +
    configMap('c') +
    space() +
    '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n' +
    '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n' +
    '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n';

  it('adds in the order in which things need each other, and removes in the reverse', () => {
    const added = ['ns', 'r', 'c', 'app', 'app.q', 'app.bob', 'd'];
    expect(plan(everything).entries.map(({ ref }) => ref.name)).toEqual(added);
    const live = liveOf(documentsOf(everything).map(({ object }) => applied(object)));
    expect(plan('', { live }).entries.map(({ ref }) => ref.name)).toEqual(added.toReversed());
  });

  it('adds an address after those that it refers to, whatever their names are', () => {
    const as = (type: string, name: string): string =>
      address(name, `address: ${name}\ntype: ${type}\nplan: queue`);
    const text =
      as('subscription', 'app.a') + as('queue', 'app.b') + as('topic', 'app.z') + as('deadletter', 'app.zz');
    const order = plan(text).entries.map(({ ref }) => ref.name);
    expect(order).toEqual(['app.zz', 'app.b', 'app.z', 'app.a']);
  });

  it('has the same digest whatever order the files are in', () => {
    const documents = documentsOf(everything);
    const digests = [documents, documents.toReversed()].map((some) => plan('', { documents: some }).digest);
    expect(digests[0]).toBe(digests[1]);
  });

  it('has another digest when it does something else', () => {
    const live = liveOf([applied(objectOf(configMap('x')))]);
    const digests = [
      plan(configMap('c')),
      plan(configMap('c', '{a: z}')),
      plan(configMap('d')),
      plan(configMap('c'), { live }),
      plan(configMap('c'), { live: liveOf(configMap('c')) }),
      plan(''),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('counts, and takes the first of two declarations', () => {
    const live = liveOf([applied(objectOf(configMap('same'))), applied(objectOf(configMap('gone')))]);
    const text = configMap('same') + configMap('new') + configMap('new', '{z: z}');
    expect(plan(text, { live })).toMatchObject({ add: 1, change: 0, remove: 1, unchanged: 1 });
  });
});

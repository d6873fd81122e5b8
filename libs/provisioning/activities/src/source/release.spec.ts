import { beforeEach, describe, expect, it } from '@jest/globals';
import { labels, refOf, type GitSource, type KubeObject } from '@samband/resources';
import { aGitSource, anAddress, anAddressSpace, Lifetime } from '@samband/testing';
import { SourceInventory } from '../rollout/inventory.js';
import { aMap, deployer, RolloutWorld } from '../rollout/rollout.spec-helper.js';
import { aMemory, aRun } from '../world.spec-helper.js';
import { assessSource } from './assess.js';
import { releaseSource } from './release.js';

const ref = { namespace: 'team', name: 'messaging' };

const labelled = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { [labels.source]: 'messaging', [labels.sourceNamespace]: 'team' },
  },
});

describe('a source that is removed', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await prepared();
  });

  async function prepared(): Promise<RolloutWorld> {
    const made = await new RolloutWorld().withPlans();
    await assessSource(made.ports(), aMemory(made), ref, 'blind', aRun()).catch(() => undefined);
    await made.rollOut([anAddressSpace(), anAddress(), aMap('ours', { a: '1' })]);
    await made.settled();
    await made.memory.store.delete(refOf(aGitSource()));
    return made;
  }

  const keys = (): string[] =>
    Object.keys(world.memory.desired()).filter((key) => /Address|ConfigMap|GitSource/.test(key));
  const release = (): Promise<void> => releaseSource(world.ports(), ref, aRun());
  const plans = [
    'admin.enmasse.io/AddressPlan/enmasse-infra/queue',
    'admin.enmasse.io/AddressSpacePlan/enmasse-infra/small',
  ];

  it('takes its objects with it, ours and others, and then goes', async () => {
    await release();
    await world.settled();
    expect(keys()).toEqual(plans);
  });

  it('takes those with it that the watch has not told of', async () => {
    const late = anAddress({ spec: { address: 'late' } });
    world.memory.view.pause();
    const made = await world.add(labelled(late));
    const source = (await world.get(refOf(aGitSource()))) as GitSource;
    const inventory = await SourceInventory.read(world.memory.store, source);
    await inventory.update({ applied: [{ ref: refOf(made), uid: made.metadata.uid! }] });
    await release();
    world.memory.view.resume();
    await world.settled();
    expect(keys()).toEqual(plans);
  });

  it.each(['of this release', 'of one that noted nothing'])(
    'leaves copies that carry its labels, with rollouts %s',
    async (kept) => {
      const copies = [anAddress({ spec: { address: 'copy' } }), aMap('copy', {})];
      for (const copy of copies) await world.add(labelled(copy));
      if (kept !== 'of this release') {
        const inventory = { ...refOf(aMap('messaging-inventory-1-0', {})), kind: 'Secret' };
        expect(await world.memory.store.delete(inventory)).toBe(true);
      }
      await release();
      await world.settled();
      expect(keys()).toEqual(['/ConfigMap/team/copy', ...plans, 'enmasse.io/Address/team/app.copy'].sort());
    },
  );

  it('leaves them where it does not prune', async () => {
    await world.edit(refOf(aGitSource()), { spec: { prune: false } });
    const before = world.tenants();
    await release();
    expect(world.tenants()).toEqual(before);
    expect(keys()).not.toContain('samband.dev/GitSource/team/messaging');
  });

  it('leaves an object that somebody else made anew or took over, whatever its name', async () => {
    const anew = aMap('ours', { a: 'theirs' });
    await world.memory.store.delete(refOf(anew));
    await world.add(anew);
    await world.edit(refOf(anAddress()), { metadata: { labels: { [labels.source]: 'other' } } });
    await release();
    await world.settled();
    expect(keys()).toEqual(
      expect.arrayContaining(['/ConfigMap/team/ours', 'enmasse.io/Address/team/app.orders']),
    );
    expect(keys()).not.toContain('enmasse.io/AddressSpace/team/app');
  });

  it('acts as the service account; what that may not see or remove stays, and an Event says so', async () => {
    const asked = new Set<string>();
    world.memory.may = (user, verb, { kind }) => {
      asked.add(user);
      return kind !== 'ConfigMap' && !(kind === 'AddressSpace' && verb === 'delete');
    };
    await release();
    expect([...asked]).toEqual([deployer]);
    expect(keys()).toEqual(
      expect.arrayContaining(['/ConfigMap/team/ours', 'enmasse.io/AddressSpace/team/app']),
    );
    expect(world.events.filter((event) => event.includes('ObjectKept'))).toEqual([
      expect.stringContaining('ConfigMap team/ours stays'),
      expect.stringContaining('AddressSpace team/app stays'),
    ]);
    expect(keys()).not.toContain('samband.dev/GitSource/team/messaging');
  });

  it('is not held up by a kind that is served no longer', async () => {
    const ports = world.ports();
    const gone = Object.assign(new Error('gone'), { code: 'KUBERNETES_UNKNOWN_KIND' });
    const store = new Proxy(ports.store, {
      get: (target, name): unknown =>
        name === 'get'
          ? (object: KubeObject, options: object) =>
              object.kind === 'ConfigMap' ? Promise.reject(gone) : target.get(object as never, options)
          : Reflect.get(target, name),
    });
    await releaseSource({ ...ports, store }, ref, aRun());
    expect(keys()).not.toContain('samband.dev/GitSource/team/messaging');
  });

  it('killed after any number of calls ends the same when it goes on', async () => {
    for (let calls = 0; calls < 15; calls += 1) {
      world = await prepared();
      await releaseSource(world.ports(new Lifetime(calls)), ref, aRun()).catch(() => undefined);
      await release();
      await world.settled();
      expect(keys()).toEqual(plans);
    }
  });
});

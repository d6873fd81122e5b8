import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { refOf, type Rollout } from '@samband/resources';
import { aRollout, createMemoryStore, Lifetime, mortalStore, type MemoryStore } from '@samband/testing';
import { Snapshots } from './snapshots.js';

describe('snapshots', () => {
  let memory: MemoryStore;
  let rollout: Rollout;
  /** Cannot be compressed, so it takes several Secrets. */
  const large = { text: randomBytes(2_000_000).toString('base64') };

  beforeEach(async () => {
    memory = createMemoryStore({ namespaces: ['team', 'enmasse-infra'] });
    rollout = (await memory.store.create(aRollout())) as unknown as Rollout;
  });

  const secrets = async (): Promise<string[]> =>
    (await memory.store.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'team' })).items.map(
      ({ metadata }) => metadata.name,
    );

  it('read as they were written, over as many Secrets as they need, owned by the rollout', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', large);
    expect(await snapshots.read(rollout, 'plan')).toEqual(large);
    const names = await secrets();
    expect(names.length).toBeGreaterThan(1);
    const first = await memory.store.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'team',
      name: names[0]!,
    });
    expect(first?.metadata.ownerReferences).toMatchObject([{ kind: 'Rollout', uid: rollout.metadata.uid }]);
  });

  it('read as missing when they were never written', async () => {
    const snapshots = new Snapshots(memory.store);
    await expect(snapshots.read(rollout, 'plan')).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
    expect(await snapshots.readIfThere(rollout, 'plan')).toBeUndefined();
  });

  it('read as missing when a writer was killed in the middle, and whole after the next one', async () => {
    // One call reads the key, one makes it; each of three chunks takes another.
    for (let calls = 0; calls < 4; calls += 1) {
      const dying = new Snapshots(mortalStore(memory.store, new Lifetime(calls)));
      await expect(dying.write(rollout, 'plan', large)).rejects.toThrow('killed');
      expect(await new Snapshots(memory.store).readIfThere(rollout, 'plan')).toBeUndefined();
    }
    await new Snapshots(memory.store).write(rollout, 'plan', large);
    expect(await new Snapshots(memory.store).read(rollout, 'plan')).toEqual(large);
  });

  it('never read as a mixture of two writes', async () => {
    const snapshots = new Snapshots(memory.store);
    const other = { text: randomBytes(2_000_000).toString('base64') };
    await snapshots.write(rollout, 'plan', large);
    for (let calls = 0; calls < 4; calls += 1) {
      await new Snapshots(mortalStore(memory.store, new Lifetime(calls)))
        .write(rollout, 'plan', other)
        .catch(() => undefined);
      const value = await snapshots.readIfThere(rollout, 'plan');
      expect([JSON.stringify(large), undefined]).toContain(
        value === undefined ? undefined : JSON.stringify(value),
      );
    }
  });

  it('read as missing when somebody broke their seal', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', { a: 1 });
    const [name = ''] = await secrets();
    const secret = { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name };
    const annotations = { 'samband.dev/snapshot-seal': 'not JSON' };
    await memory.store.patch(secret, { metadata: { annotations } });
    expect(await snapshots.readIfThere(rollout, 'plan')).toBeUndefined();
  });

  it('read as missing when they are of an earlier Rollout of the name, until they are written anew', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', large);
    await memory.store.delete(refOf(rollout));
    const again = (await memory.store.create(aRollout())) as unknown as Rollout;
    expect(await snapshots.readIfThere(again, 'plan')).toBeUndefined();
    await snapshots.write(again, 'plan', { a: 1 });
    expect(await snapshots.read(again, 'plan')).toEqual({ a: 1 });
    expect(await snapshots.readIfThere(rollout, 'plan')).toBeUndefined();
    const first = await memory.store.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'team',
      name: `${again.metadata.name}-plan-0`,
    });
    // The garbage collector leaves what has an owner.
    expect(first?.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([again.metadata.uid]);
  });

  it('are forgotten but for those of the rollouts that are kept, and of other sources', async () => {
    const snapshots = new Snapshots(memory.store);
    const write = async (spec: object): Promise<string> => {
      const object = aRollout({ spec });
      await memory.store.delete(refOf(object));
      const made = (await memory.store.create(object)) as unknown as Rollout;
      await snapshots.write(made, 'tree', {});
      return made.metadata.name;
    };
    const kept = await write({ attempt: 2 });
    await write({ attempt: 3 });
    const foreign = await write({ source: 'other' });
    await snapshots.forgetAllBut('team', 'messaging', new Set([kept]));
    expect(await secrets()).toEqual([`${kept}-tree-0`, `${foreign}-tree-0`].sort());
  });
});

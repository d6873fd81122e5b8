import { createHash, createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KubeObject, Rollout } from '@samband/resources';
import { aRollout, createMemoryStore, Lifetime, mortalStore, type MemoryStore } from '@samband/testing';
import { SnapshotSealer, type SealedSnapshot, type SnapshotOwner } from './snapshot-seal.js';
import { Snapshots } from './snapshots.js';

const keyRef = {
  apiVersion: 'v1',
  kind: 'Secret',
  namespace: 'enmasse-infra',
  name: 'samband-snapshots',
} as const;
const sealKey = 'samband.dev/snapshot-seal';

describe('a snapshot that lies where a tenant may write', () => {
  let memory: MemoryStore;
  let rollout: Rollout;
  let ref: SnapshotOwner;

  beforeEach(async () => {
    memory = createMemoryStore({ namespaces: ['team', 'enmasse-infra'] });
    rollout = (await memory.store.create(aRollout())) as unknown as Rollout;
    const { name, uid = '' } = rollout.metadata;
    ref = { namespace: 'team', name, uid };
  });

  const chunk = async (part: string): Promise<KubeObject> =>
    (await memory.store.get({ apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: nameOf(part) }))!;
  const nameOf = (part: string): string => `${ref.name}-${part}-0`;
  const put = async (part: string, seal: string, data: string): Promise<void> => {
    await memory.store.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace: 'team', name: nameOf(part), annotations: { [sealKey]: seal } },
        data: { snapshot: data },
      },
      { fieldManager: 'tenant', force: true },
    );
  };
  const forged = gzipSync(JSON.stringify({ files: ['of mine'] }));
  const sealOf = (chunks: number): string =>
    JSON.stringify({
      chunks,
      bytes: forged.length,
      digest: createHash('sha256').update(forged).digest('hex'),
      unpacked: 1_000,
      mac: '00'.repeat(32),
    });

  it('is missing when a tenant made it, and then no more of it is read than one Secret', async () => {
    await new Snapshots(memory.store).write(rollout, 'plan', {});
    await put('tree', sealOf(1_000), forged.toString('base64'));
    const life = new Lifetime();
    const snapshots = new Snapshots(mortalStore(memory.store, life));
    expect(await snapshots.readIfThere(rollout, 'tree')).toBeUndefined();
    expect(life.calls).toBe(2);
  });

  it('is missing when a tenant made it before any worker had a key', async () => {
    await put('tree', sealOf(1), forged.toString('base64'));
    expect(await new Snapshots(memory.store).readIfThere(rollout, 'tree')).toBeUndefined();
  });

  it('is missing when it is one of ours, but of another part or rollout', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', { a: 1 });
    const { metadata, data } = (await chunk('plan')) as KubeObject & { data: { snapshot: string } };
    await put('ledger', metadata.annotations?.[sealKey] ?? '', data.snapshot);
    expect(await snapshots.readIfThere(rollout, 'ledger')).toBeUndefined();
    const seal = { chunks: 1, bytes: 1, digest: 'd', unpacked: 1 };
    const sealer = new SnapshotSealer(memory.store);
    const text = await sealer.seal(ref, 'plan', seal);
    expect(await sealer.open(ref, 'plan', text, undefined)).toEqual(seal);
    expect(await sealer.open({ ...ref, name: 'other' }, 'plan', text, ref.uid)).toBeUndefined();
    expect(await sealer.open({ ...ref, namespace: 'other' }, 'plan', text, ref.uid)).toBeUndefined();
    expect(await sealer.open({ ...ref, uid: 'other' }, 'plan', text, 'other')).toBeUndefined();
  });

  it.each(['chunks', 'bytes', 'digest', 'unpacked', 'mac'])(
    'is missing when its %s was changed',
    async (key) => {
      const sealer = new SnapshotSealer(memory.store);
      const text = await sealer.seal(ref, 'plan', { chunks: 1, bytes: 1, digest: 'd', unpacked: 1 });
      const value = key === 'digest' || key === 'mac' ? 'e'.repeat(64) : 2;
      const changed = JSON.stringify({ ...(JSON.parse(text) as object), [key]: value });
      expect(await sealer.open(ref, 'plan', changed, ref.uid)).toBeUndefined();
    },
  );

  it('is missing when its content was replaced under the seal of ours', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', { a: 1 });
    const { metadata } = await chunk('plan');
    await put('plan', metadata.annotations?.[sealKey] ?? '', forged.toString('base64'));
    expect(await snapshots.readIfThere(rollout, 'plan')).toBeUndefined();
  });

  it('is read by the rollout that its Secret names, and no other, when an earlier release sealed it', async () => {
    const snapshots = new Snapshots(memory.store);
    await snapshots.write(rollout, 'plan', { a: 1 });
    const secret = (await chunk('plan')) as KubeObject & { data: { snapshot: string } };
    const text = secret.metadata.annotations?.[sealKey] ?? '';
    const { chunks, bytes, digest, unpacked } = JSON.parse(text) as SealedSnapshot;
    const key = (await memory.store.get(keyRef)) as KubeObject & { data: { key: string } };
    const said = ['samband snapshot 1', 'team', ref.name, 'plan', chunks, bytes, digest, unpacked];
    const mac = createHmac('sha256', Buffer.from(key.data.key, 'base64'))
      .update(JSON.stringify(said))
      .digest('hex');
    await put('plan', JSON.stringify({ chunks, bytes, digest, unpacked, mac }), secret.data.snapshot);
    const other = { metadata: { ...rollout.metadata, uid: 'another' } };
    expect(await snapshots.readIfThere(rollout, 'plan')).toEqual({ a: 1 });
    expect(await snapshots.readIfThere(other, 'plan')).toBeUndefined();
  });

  it('is unpacked to the size that was sealed and no further', async () => {
    const bomb = gzipSync(JSON.stringify('x'.repeat(1_000_000)));
    const digest = createHash('sha256').update(bomb).digest('hex');
    const seal = { chunks: 1, bytes: bomb.length, digest, unpacked: 1_000 };
    await put(
      'tree',
      await new SnapshotSealer(memory.store).seal(ref, 'tree', seal),
      bomb.toString('base64'),
    );
    expect(await new Snapshots(memory.store).readIfThere(rollout, 'tree')).toBeUndefined();
  });

  it('is read by every worker, also when two of them were the first at once', async () => {
    const workers = [new Snapshots(memory.store), new Snapshots(memory.store)] as const;
    await Promise.all([workers[0].write(rollout, 'plan', 1), workers[1].write(rollout, 'tree', 2)]);
    expect(await workers[0].read(rollout, 'tree')).toBe(2);
    expect(await workers[1].read(rollout, 'plan')).toBe(1);
  });

  it('is missing once the key was removed; the next one is sealed with another', async () => {
    await new Snapshots(memory.store).write(rollout, 'plan', 1);
    await memory.store.delete(keyRef);
    expect(await new Snapshots(memory.store).readIfThere(rollout, 'plan')).toBeUndefined();
    await new Snapshots(memory.store).write(rollout, 'plan', 2);
    expect(await new Snapshots(memory.store).read(rollout, 'plan')).toBe(2);
  });

  it('is never sealed with an empty key', async () => {
    await memory.store.create({ ...keyRef, metadata: keyRef, data: {} });
    await expect(new Snapshots(memory.store).write(rollout, 'plan', 1)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('enmasse-infra/samband-snapshots'),
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf } from '@samband/resources';
import {
  aMessagingUser,
  anAddress,
  anAddressSpace,
  createMemoryStore,
  type MemoryStore,
} from '@samband/testing';
import { SpaceRevisions } from './revisions.js';

const space = { namespace: 'team', name: 'app' };

describe('what the watch saw of a space', () => {
  let memory: MemoryStore;
  let told: EntityRef[];
  let revisions: SpaceRevisions;
  const start = (): void => {
    told = [];
    revisions = new SpaceRevisions(memory.view, (one) => told.push(one));
  };
  beforeEach(() => {
    memory = createMemoryStore({ namespaces: ['team'] });
    start();
  });
  afterEach(() => {
    revisions.stop();
  });

  it('is told at each change of an address or a user', async () => {
    await memory.store.create(anAddress());
    expect(told).toEqual([space]);
    await memory.store.create(aMessagingUser());
    expect(told).toEqual([space, space]);
    await memory.store.delete(refOf(anAddress()));
    expect(told).toEqual([space, space, space]);
  });

  it('is told once at the start when an object names it: its change may have been missed', async () => {
    revisions.stop();
    for (const address of ['a', 'b', 'c']) await memory.store.create(anAddress({ spec: { address } }));
    await memory.store.create(anAddress({ metadata: { name: 'ghost.queue' } }));
    start();
    expect(told).toEqual([space, { namespace: 'team', name: 'ghost' }]);
    expect(revisions.changedSinceRead(space)).toBe(false);
  });

  it('says whether something came after it was read', async () => {
    await memory.store.create(anAddress());
    expect(revisions.changedSinceRead(space)).toBe(false);
    revisions.markRead(space);
    expect(revisions.changedSinceRead(space)).toBe(false);
    await memory.store.delete(refOf(anAddress()));
    expect(revisions.changedSinceRead(space)).toBe(true);
  });

  it('neither heeds nor is told of statuses, labels, and what is of no space', async () => {
    await memory.store.create(anAddress());
    revisions.markRead(space);
    told.length = 0;
    await memory.store.patchStatus({ ref: refOf(anAddress()), status: { isReady: true } });
    await memory.store.patch(refOf(anAddress()), { metadata: { labels: { a: 'b' } } });
    await memory.store.create(anAddressSpace());
    await memory.store.create(anAddress({ metadata: { name: 'nodot' } }));
    expect(revisions.changedSinceRead(space)).toBe(false);
    expect(told).toEqual([]);
  });

  it('is forgotten with the space: one of the same name begins anew', async () => {
    await memory.store.create(anAddressSpace());
    revisions.markRead(space);
    await memory.store.create(anAddress());
    expect(revisions.changedSinceRead(space)).toBe(true);
    await memory.store.delete(refOf(anAddressSpace()));
    expect(revisions.changedSinceRead(space)).toBe(false);
    await memory.store.delete(refOf(anAddress()));
    await memory.store.create(anAddressSpace());
    expect(revisions.changedSinceRead(space)).toBe(false);
  });

  it('ends with the worker', async () => {
    revisions.stop();
    await memory.store.create(anAddress());
    expect(told).toEqual([]);
  });
});

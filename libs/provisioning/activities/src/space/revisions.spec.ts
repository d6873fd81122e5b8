import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf } from '@samband/resources';
import { anAddress, anAddressSpace, createMemoryStore, type MemoryStore } from '@samband/testing';
import { SpaceRevisions } from './revisions.js';

const space = { namespace: 'team', name: 'app' };

describe('what the watch saw of a space', () => {
  let memory: MemoryStore;
  let unread: EntityRef[];
  let revisions: SpaceRevisions;
  beforeEach(() => {
    jest.useFakeTimers();
    memory = createMemoryStore({ namespaces: ['team'] });
    unread = [];
    revisions = new SpaceRevisions(memory.view, (one) => unread.push(one), 2_000);
  });
  afterEach(() => {
    revisions.stop();
    jest.useRealTimers();
  });

  it('is told after a while when nobody read it, once for many changes', async () => {
    for (const address of ['a', 'b', 'c']) await memory.store.create(anAddress({ spec: { address } }));
    jest.advanceTimersByTime(1_999);
    expect(unread).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(unread).toEqual([space]);
  });

  it('is not told when it was read meanwhile', async () => {
    await memory.store.create(anAddress());
    revisions.markRead(space);
    jest.advanceTimersByTime(5_000);
    expect(unread).toEqual([]);
  });

  it('counts what came after it was read', async () => {
    await memory.store.create(anAddress());
    expect(revisions.changedSinceRead(space)).toBe(false);
    revisions.markRead(space);
    expect(revisions.changedSinceRead(space)).toBe(false);
    await memory.store.delete(refOf(anAddress()));
    expect(revisions.changedSinceRead(space)).toBe(true);
  });

  it('does not count statuses, labels, and what is of no space', async () => {
    await memory.store.create(anAddress());
    revisions.markRead(space);
    await memory.store.patchStatus({ ref: refOf(anAddress()), status: { isReady: true } });
    await memory.store.patch(refOf(anAddress()), { metadata: { labels: { a: 'b' } } });
    await memory.store.create(anAddressSpace());
    await memory.store.create(anAddress({ metadata: { name: 'nodot' } }));
    expect(revisions.changedSinceRead(space)).toBe(false);
  });

  it('ends with the worker', async () => {
    await memory.store.create(anAddress());
    revisions.stop();
    await memory.store.create(anAddress({ spec: { address: 'late' } }));
    jest.advanceTimersByTime(5_000);
    expect(unread).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { createExactSet, type ExactSet } from './exact-set.js';
import { digestOf } from './ledger.js';
import type { ManagementPool } from './pool.js';

describe('a set of matches', () => {
  /** What the broker goes by. */
  let broker: Map<string, string>;
  let ledger: Map<string, string>;
  let writes: string[];
  let isDying: boolean;

  const open = (): ExactSet =>
    createExactSet({
      pool: {
        forEach: (items: string[], task: (item: string) => Promise<void>) =>
          isDying ? Promise.reject(new Error('killed')) : Promise.all(items.map(task)),
      } as unknown as ManagementPool,
      ledger: {
        read: () => Promise.resolve(ledger),
        write: (entries) => {
          ledger = new Map(entries);
          return Promise.resolve();
        },
      },
      write: (match, value) => {
        writes.push(match);
        broker.set(match, value);
        return Promise.resolve();
      },
      remove: (match) => {
        broker.delete(match);
        return Promise.resolve();
      },
      holds: (match, value) => Promise.resolve(broker.get(match) === value),
    });

  beforeEach(() => {
    broker = new Map();
    ledger = new Map();
    writes = [];
    isDying = false;
  });

  it('writes again what a process that died half-way may have left', async () => {
    ledger = new Map([['old', 'digest']]);
    isDying = true;
    await expect(open().apply(new Map([['new', 'value']]))).rejects.toThrow('killed');
    expect(Object.fromEntries(ledger)).toEqual({ old: '', new: '' });
  });

  it('writes what somebody changed by hand only when it is to verify', async () => {
    const wanted = new Map([
      ['kept', '1'],
      ['changed', '2'],
      ['gone', '3'],
    ]);
    const set = open();
    await set.apply(wanted);
    broker.set('changed', 'by hand');
    broker.delete('gone');
    writes = [];
    expect(await set.apply(wanted)).toEqual({ written: 0, removed: 0 });
    expect(await set.apply(wanted, { verify: true })).toEqual({ written: 2, removed: 0 });
    expect(writes).toEqual(['changed', 'gone']);
    expect(broker).toEqual(wanted);
    expect(Object.fromEntries(ledger)).toMatchObject({ gone: digestOf('3') });
  });

  it('writes matches with wildcards again when it is to verify, since nobody can say what they carry', async () => {
    const wanted = new Map([
      ['#', '1'],
      ['a/+', '2'],
    ]);
    const set = open();
    await set.apply(wanted);
    broker.set('#', 'by hand');
    writes = [];
    expect(await set.apply(wanted, { verify: true })).toEqual({ written: 0, removed: 0 });
    expect(writes).toEqual(['#', 'a/+']);
    expect(broker).toEqual(wanted);
  });
});

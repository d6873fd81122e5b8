import { describe, expect, it } from '@jest/globals';
import { CachedLookup } from './cached-lookup.js';
import { isNamespaceName, isObjectName } from './names.js';
import { withoutUserInfo } from './present.js';
import { RecentKeys } from './recent-keys.js';
import { TokenBuckets } from './token-buckets.js';

describe('TokenBuckets', () => {
  const at = (start = 0) => {
    const time = { now: start };
    const buckets = new TokenBuckets({ perMinute: 60, burst: 2, limit: 3, now: () => time.now });
    return { time, buckets };
  };

  it('lets the burst through, then the rate, and says when to come back', () => {
    const { time, buckets } = at();
    expect([buckets.take('a'), buckets.take('a')]).toEqual([{ admitted: true }, { admitted: true }]);
    expect(buckets.take('a')).toEqual({ admitted: false, retryAfterSeconds: 1 });
    time.now = 999;
    expect(buckets.take('a').admitted).toBe(false);
    time.now = 1000;
    expect(buckets.take('a').admitted).toBe(true);
    expect(buckets.take('a').admitted).toBe(false);
  });

  it('saves up no more than the burst', () => {
    const { time, buckets } = at();
    buckets.take('a');
    time.now = 3_600_000;
    const taken = Array.from({ length: 5 }, () => buckets.take('a').admitted);
    expect(taken).toEqual([true, true, false, false, false]);
  });

  it('keeps keys apart, in bounded memory', () => {
    const { buckets } = at();
    for (let index = 0; index < 1000; index += 1) expect(buckets.take(`k${index}`).admitted).toBe(true);
    expect(buckets.size).toBe(3);
  });
});

describe('CachedLookup', () => {
  const make = () => {
    const time = { now: 0, loads: 0 };
    const cache = new CachedLookup<string>({
      limit: 2,
      now: () => time.now,
      lifetime: (value) => (value === '' ? 1 : 10),
    });
    const load = (value: string) => () => {
      time.loads += 1;
      return Promise.resolve(value);
    };
    return { time, cache, load };
  };

  it('asks once for many who ask at once, and again when the answer is old', async () => {
    const { time, cache, load } = make();
    await Promise.all([cache.get('a', load('x')), cache.get('a', load('x'))]);
    time.now = 9;
    expect(await cache.get('a', load('y'))).toBe('x');
    time.now = 10;
    expect(await cache.get('a', load('y'))).toBe('y');
    expect(time.loads).toBe(2);
  });

  it('does not remember failures', async () => {
    const { cache, load } = make();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', load('x'))).toBe('x');
  });

  it('is refreshed only when the answer has the age', async () => {
    const { time, cache, load } = make();
    await cache.get('a', load('x'));
    time.now = 4;
    expect(await cache.refresh('a', 5, load('y'))).toBe('x');
    time.now = 5;
    expect(await cache.refresh('a', 5, load('y'))).toBe('y');
  });

  it('is bounded', async () => {
    const { cache, load } = make();
    for (const key of ['a', 'b', 'c', 'd']) await cache.get(key, load(key));
    expect(cache.size).toBe(2);
  });
});

describe('RecentKeys', () => {
  it('forgets the oldest', () => {
    const keys = new RecentKeys(2);
    for (const key of ['a', 'b', 'a', 'c']) keys.add(key);
    expect(['a', 'b', 'c'].map((key) => keys.has(key))).toEqual([true, false, true]);
  });
});

describe('names', () => {
  it('are checked as the API server does', () => {
    expect(['a', 'team-1', 'a'.repeat(63)].map(isNamespaceName)).toEqual([true, true, true]);
    expect(['', 'A', '-a', 'a-', 'a.b', 'a/b', 'a'.repeat(64), 'a\n'].some(isNamespaceName)).toBe(false);
    expect(['a.b', 'a-1.b-2', 'a'.repeat(253)].map(isObjectName)).toEqual([true, true, true]);
    expect(['', '.', 'a..b', 'a.', '..', 'a/b', 'a'.repeat(254), 'ä'].some(isObjectName)).toBe(false);
  });
});

describe('withoutUserInfo', () => {
  it.each([
    ['https://bob:pw@h/x', 'https://h/x'],
    ['https://token@h/x', 'https://h/x'],
    ['https://a@b@h/x', 'https://h/x'],
    ['ssh://git:pw@h:22/x', 'ssh://h:22/x'],
    ['https://h/x@1', 'https://h/x@1'],
    ['git@h:x.git', 'git@h:x.git'],
  ])('%s becomes %s', (url, shown) => {
    expect(withoutUserInfo(url)).toBe(shown);
  });
});

import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.js';

const list = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

describe('chance', () => {
  it('repeats with its seed', () => {
    const [one, two] = [createRandom(7), createRandom(7)];
    expect([one.next(), one.int(1000), one.pick(list), one.shuffle(list)]).toEqual([
      two.next(),
      two.int(1000),
      two.pick(list),
      two.shuffle(list),
    ]);
  });

  it('differs with another seed', () => {
    expect(createRandom(1).shuffle(list)).not.toEqual(createRandom(2).shuffle(list));
  });

  it('shuffles without losing anything, and leaves what it was given', () => {
    const shuffled = createRandom(3).shuffle(list);
    expect([...shuffled].sort()).toEqual(list);
    expect(list[0]).toBe('a');
  });

  it('reaches every number below the bound, and no other', () => {
    const random = createRandom(5);
    const seen = new Set(Array.from({ length: 200 }, () => random.int(4)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  });

  it('picks from nothing only with a complaint', () => {
    expect(() => createRandom(1).pick([])).toThrow('nothing to pick from');
  });
});

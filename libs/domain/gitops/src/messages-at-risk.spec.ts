import { describe, expect, it } from '@jest/globals';
import { sayAtRisk, type Holder } from './messages-at-risk.js';

const at = '2026-01-01T12:00:01.234Z';
const space = (held?: Holder['held'], parkFor: string | undefined = '24h'): Holder => ({
  resource: 'AddressSpace team/app',
  parkFor,
  ...(held === undefined ? {} : { held }),
});

describe('what a removal does to messages', () => {
  it.each<[string, Holder[], string]>([
    ['nothing, where there are none', [space({ messages: 0, queues: 0 })], ''],
    [
      'says how many, and for how long they are kept',
      [space({ messages: 1_234, queues: 3 })],
      'removes AddressSpace team/app: 1,234 messages in 3 queues will be parked for 24h (counted at 2026-01-01T12:00:01Z)',
    ],
    [
      'says that they are destroyed where nothing is kept',
      [{ resource: 'Address team/app.orders', parkFor: undefined, held: { messages: 1, queues: 1 } }],
      'removes Address team/app.orders: 1 message will be destroyed (counted at 2026-01-01T12:00:01Z)',
    ],
    [
      'says so where nobody could count',
      [space()],
      'removes AddressSpace team/app: its messages could not be counted, and will be parked for 24h (counted at 2026-01-01T12:00:01Z)',
    ],
    [
      'names the first, and sums up the others',
      Array.from({ length: 5 }, () => space({ messages: 1_000, queues: 1 })),
      `${Array.from({ length: 3 }, () => 'removes AddressSpace team/app: 1,000 messages will be parked for 24h').join('; ')}; and 2,000 messages of 2 others, see status.plan.entries (counted at 2026-01-01T12:00:01Z)`,
    ],
  ])('%s', (_, holders, text) => {
    expect(sayAtRisk(holders, at)).toBe(text);
  });
});

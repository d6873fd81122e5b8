import { describe, expect, it } from '@jest/globals';
import { foldPermissions, parsePattern } from '@samband/access';
import type { Address } from '@samband/resources';
import fc from 'fast-check';
import { addressNameFault, isInternal } from './address-names.js';
import { checkAddresses } from './check-addresses.js';

const part = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    '/',
    '#',
    '*',
    '+',
    '::',
    ':',
    '.',
    '|',
    '(',
    ' ',
    '\0',
    'ä',
    '🔑',
    'x'.repeat(600),
  ),
  fc.constantFrom(
    '$',
    '$sys',
    '$.artemis',
    'activemq.',
    'activemq.management',
    'activemq.notifications',
    'notif',
    '_!',
    '!!',
    '!',
  ),
  fc.constantFrom('__proto__', 'constructor', 'ACTIVEMQ.', '\u200b'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const name = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));

describe('any text as the name of an address', () => {
  it('is refused, or is one that the broker can hold and guard and that is none of its own', () => {
    fc.assert(
      fc.property(name, (text) => {
        const fault = addressNameFault(text);
        expect(fault).not.toBe('');
        if (fault !== undefined) return;
        expect(isInternal(text)).toBe(false);
        expect(parsePattern(text)).toEqual({ ok: true, pattern: { kind: 'exact', text } });
        const grant = { role: 'u', operations: ['send' as const], addresses: [text] };
        expect(foldPermissions([grant], [text], new Set())).toContainEqual({
          match: text,
          send: ['u'],
          consume: [],
          browse: [],
        });
      }),
    );
  });
});

describe('the addresses of a space', () => {
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'dead', 'constructor') },
    name,
  );
  const address = fc
    .record({
      metadata: fc.record({ name: fc.nat(20).map((number) => `app.${number}`) }),
      spec: fc.record(
        {
          address: word,
          type: fc.constantFrom('queue', 'topic', 'subscription', 'deadletter', 'anycast', 'multicast'),
          plan: fc.constant('p'),
          topic: word,
          deadletter: word,
          expiry: word,
        },
        { requiredKeys: ['address', 'type', 'plan'] },
      ),
    })
    .map((one) => one as unknown as Address);
  const addresses = fc.uniqueArray(address, { selector: ({ metadata }) => metadata.name, maxLength: 15 });

  it('are judged one by one: what is wrong with one takes no other with it, but for those that refer to it', () => {
    fc.assert(
      fc.property(addresses, (all) => {
        const faults = checkAddresses(all);
        expect(new Set(faults.map((one) => one.address)).size).toBe(faults.length);
        for (const { message } of faults) {
          expect(message).not.toBe('');
          expect(message.length).toBeLessThan(2000);
        }
        // Those that are fine stay so without the others that are not.
        const faulty = new Set(faults.map((one) => one.address));
        expect(checkAddresses(all.filter((one) => !faulty.has(one)))).toEqual([]);
        const served = all.filter((one) => !faulty.has(one)).map(({ spec }) => spec.address);
        expect(new Set(served).size).toBe(served.length);
      }),
    );
  });
});

import { SambandError } from '@samband/errors';
import { addressNameFault, type AddressSettings } from '@samband/topology';
import { createExactSet, type ExactSet } from './exact-set.js';
import { createLedger } from './ledger.js';
import type { ManagementPool } from './pool.js';

/**
 * Exact address settings. Each change makes the broker walk over all its queues (7 ms at 10,000): write them before
 * the queues are created.
 */
export function createSettingsSet(pool: ManagementPool): ExactSet {
  return createExactSet({
    pool,
    ledger: createLedger(pool, 'settings'),
    write: async (match, value) => {
      const echo = await pool.invoke('broker', 'addAddressSettings', [match, value]);
      requireEcho(match, value, echo);
    },
    remove: async (match) => {
      await pool.invoke('broker', 'removeAddressSettings', [match]);
    },
    holds: async (match, value) => {
      const inForce = await pool.invoke('broker', 'getAddressSettingsAsJSON', [match]);
      return missingIn(inForce, value).length === 0;
    },
  });
}

export function settingValues(settings: ReadonlyMap<string, AddressSettings>): Map<string, string> {
  return new Map(
    [...settings].map(([match, values]) => {
      const reason = addressNameFault(match);
      if (reason !== undefined)
        throw new SambandError('BROKER_REFUSED', `settings for "${match}": ${reason}`);
      return [match, JSON.stringify(toWire(values))];
    }),
  );
}

/** Artemis refuses pages larger than the address may be, so a limit on the size brings its page size. */
function toWire(values: AddressSettings): Record<string, string | number> {
  const entries = Object.entries(values) as [string, string | number | undefined][];
  const wire = Object.fromEntries(
    entries
      .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
  const { maxSizeBytes } = values;
  if (maxSizeBytes === undefined || maxSizeBytes <= 0) return wire;
  return { ...wire, pageSizeBytes: Math.min(maxSizeBytes, 1024 * 1024) };
}

/** Unknown keys are dropped without a word: what was asked must be in the answer. */
function requireEcho(match: string, asked: string, echo: unknown): void {
  const missing = missingIn(echo, asked);
  if (missing.length === 0) return;
  throw new SambandError('BROKER_REFUSED', `the broker did not take ${missing.join(', ')} for ${match}`);
}

/** The keys of what was asked that the broker's answer does not have with the same value. */
function missingIn(answer: unknown, asked: string): string[] {
  const answered = (typeof answer === 'string' ? JSON.parse(answer) : {}) as Record<string, unknown>;
  return Object.entries(JSON.parse(asked) as Record<string, unknown>)
    .filter(([key, value]) => answered[key] !== value)
    .map(([key]) => key);
}

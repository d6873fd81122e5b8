import { isDeepStrictEqual } from 'node:util';
import { SambandError } from '@samband/errors';
import type { PermissionMatch } from '@samband/access';
import { anybodyRole, whyMatchIsRefused } from '../names.js';
import { createExactSet, type ExactSet } from './exact-set.js';
import { createLedger } from './ledger.js';
import type { ManagementPool } from './pool.js';

/** Nobody may do anything: what a match of the configuration file is overwritten with, as it cannot be removed. */
const nobody = JSON.stringify(toWire({ match: '#', send: [], consume: [], browse: [] }));

/** Security matches of a broker. Removing one lets the next wider one apply again. */
export function createPermissionSet(pool: ManagementPool): ExactSet {
  return createExactSet({
    pool,
    ledger: createLedger(pool, 'permissions'),
    write: async (match, value) => {
      await pool.invoke('broker', 'addSecuritySettings', [match, value]);
    },
    remove: async (match) => {
      // `#` comes from the configuration file: its removal would only take effect with the next restart.
      if (match === '#') await pool.invoke('broker', 'addSecuritySettings', [match, nobody]);
      else await pool.invoke('broker', 'removeSecuritySettings', [match]);
    },
    holds: async (match, value) => {
      const roles = await pool.invoke('broker', 'getRolesAsJSON', [match]);
      return isDeepStrictEqual(rightsIn(roles), rolesByRight(JSON.parse(value) as Record<string, string[]>));
    },
  });
}

/** @throws SambandError BROKER_REFUSED for a match that the broker would understand in another way */
export function permissionValues(
  matches: readonly PermissionMatch[],
  authentication: 'standard' | 'none',
): Map<string, string> {
  const values = new Map<string, string>();
  if (authentication === 'none') {
    const all = [anybodyRole];
    values.set('#', JSON.stringify(toWire({ match: '#', send: all, consume: all, browse: all })));
  }
  for (const match of matches) {
    const reason = whyMatchIsRefused(match.match);
    if (reason !== undefined) {
      throw new SambandError('BROKER_REFUSED', `permissions for "${match.match}": ${reason}`);
    }
    values.set(match.match, JSON.stringify(toWire(match)));
  }
  return values;
}

/** A subscription is a queue that a client makes, and Artemis asks for that right by name: durable or not. */
function toWire({
  send,
  consume,
  browse,
  subscribe = [],
  unsubscribe = [],
}: PermissionMatch): Record<string, string[]> {
  const sorted = (roles: readonly string[]): string[] => [...new Set(roles)].sort();
  return {
    send: sorted(send),
    consume: sorted(consume),
    browse: sorted(browse),
    createNonDurableQueue: sorted(consume),
    deleteNonDurableQueue: sorted(consume),
    createDurableQueue: sorted(subscribe),
    deleteDurableQueue: sorted(unsubscribe),
  };
}

/** What the broker lists by role, by right: `[{ name, send: true, … }]` → `{ send: [name] }`. */
function rightsIn(answer: unknown): Record<string, string[]> {
  const roles = (typeof answer === 'string' ? JSON.parse(answer) : []) as Record<string, unknown>[];
  const rights: Record<string, string[]> = {};
  for (const role of roles) {
    for (const [right, isGranted] of Object.entries(role)) {
      if (isGranted === true) (rights[right] ??= []).push(String(role['name']));
    }
  }
  return rolesByRight(rights);
}

/** In one order, without the rights that nobody has. */
function rolesByRight(rights: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(rights)
      .filter(([, roles]) => roles.length > 0)
      .map(([right, roles]) => [right, [...roles].sort()]),
  );
}

import type { Operation } from './grant.js';

/** What the broker can tell apart. */
export type Right = 'send' | 'consume' | 'browse';

/** Who receives may look first: EnMasse's `recv` role holds browse too. Purging is no right on the broker. */
const rightsOfOperation: Readonly<Record<Operation, readonly Right[]>> = {
  send: ['send'],
  recv: ['consume', 'browse'],
  view: ['browse'],
  manage: ['browse'],
};

export function rightsOf(operations: readonly Operation[]): Set<Right> {
  return new Set(operations.flatMap((operation) => rightsOfOperation[operation]));
}

/** Operations that include an operation: who may receive or manage may also view. */
export const includedIn: Readonly<Record<Operation, readonly Operation[]>> = {
  send: ['send'],
  recv: ['recv'],
  view: ['view', 'recv', 'manage'],
  manage: ['manage'],
};

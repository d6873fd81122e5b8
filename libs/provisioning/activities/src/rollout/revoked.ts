import { SambandError } from '@samband/errors';
import { describeRef, isOfKind, type KubeObject, type ObjectRef } from '@samband/resources';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { admittedDigest } from '../space/publish-users.js';
import { spaceRef } from '../space/refs.js';
import { usersOf } from '../space/users.js';
import { remainingMs, waitFor, type Verdict } from '../wait.js';
import { spacesOf } from './touched.js';

/** A space says once whom it admits; the users that it says it of may reach this worker's watch later than that. */
const lookAgainMs = 1_000;

/**
 * Until nobody who was removed can log in: until each space says of just those users that are left that it admits no one
 * else. It says so also while it is blocked, or its broker does not run.
 */
export async function untilRevoked(ports: Ports, removed: readonly ObjectRef[], run: Running): Promise<void> {
  const spaces = spacesOf(removed.filter(({ kind }) => kind === 'MessagingUser')).map(spaceRef);
  const deadline = performance.now() + remainingMs(ports, run);
  for (let pending = spaces; pending.length > 0;) {
    const left = deadline - performance.now();
    const outcome = await waitFor(
      ports.view,
      pending,
      (space) => admission(ports, space),
      Math.max(0, Math.min(left, lookAgainMs)),
      run,
    );
    pending = outcome.pending.map(({ ref }) => ref);
    const [stuck] = outcome.pending;
    if (stuck !== undefined && left <= 0)
      throw new SambandError('WAIT_TIMEOUT', `${describeRef(stuck.ref)} ${stuck.message}`);
  }
}

/** One without a word never let anybody in; one that goes takes all logins with it. */
function admission(ports: Ports, object: KubeObject | undefined): Verdict {
  if (object === undefined || !isOfKind('AddressSpace', object)) return { kind: 'done' };
  const { metadata, status } = object;
  if (status?.users === undefined || metadata.deletionTimestamp !== undefined) return { kind: 'done' };
  const { namespace = '', name } = metadata;
  return status.users.admitted === admittedDigest(ports, usersOf(ports, { namespace, name }))
    ? { kind: 'done' }
    : { kind: 'pending', message: 'has not refused its removed users yet' };
}

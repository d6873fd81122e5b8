import type { RolloutPhase } from '@samband/resources';
import { decideSource, type SourceDecision, type SourceSituation } from './decide-source.js';
import type { RolloutView } from './rollout-order.js';

export const A = 'a'.repeat(40);
export const B = 'b'.repeat(40);
export const C = 'c'.repeat(40);
export const nameOf = (commit: string, attempt = 1): string => `app-${commit.slice(0, 12)}-${attempt}`;
/** Seconds, in ms. */
export const s = (seconds: number): number => seconds * 1000;

export const rollout = (
  commit: string,
  phase: RolloutPhase,
  rest: Partial<RolloutView> = {},
): RolloutView => ({
  name: nameOf(commit, rest.attempt),
  commit,
  attempt: 1,
  phase,
  cause: 'head',
  head: commit,
  generation: 1,
  createdAt: s(1000),
  isRetryAsked: false,
  ...rest,
});

export const decide = (
  rollouts: readonly RolloutView[],
  rest: Partial<SourceSituation> = {},
): SourceDecision =>
  decideSource({
    source: 'app',
    head: A,
    generation: 1,
    isSuspended: false,
    interval: 300,
    rollouts,
    requests: { isSyncAsked: false },
    now: s(1000),
    ...rest,
  });

export const later = (attempt: number, finishedAt: number): RolloutView =>
  rollout(A, 'RolledBack', {
    attempt,
    failure: 'later',
    cause: attempt === 1 ? 'head' : 'later',
    createdAt: finishedAt,
    finishedAt,
    ...(attempt === 1 ? {} : { follows: nameOf(A, attempt - 1) }),
  });

export interface Case {
  readonly given: readonly RolloutView[];
  readonly and?: Partial<SourceSituation>;
  readonly create?: { readonly commit: string; readonly attempt: number; readonly cause: string } | undefined;
  readonly start?: string | undefined;
  readonly supersede?: readonly string[];
  readonly nextCheckIn?: number;
}

export const first = { commit: A, attempt: 1, cause: 'head' };
export const cases: Readonly<Record<string, Case>> = {
  'the first head is rolled out': { given: [], create: first, start: nameOf(A) },
  'nothing is done while the head is not known, and the fetch is tried again soon': {
    given: [],
    and: { head: undefined },
    nextCheckIn: 30,
  },
  'a head that is in force is left alone': { given: [rollout(A, 'Succeeded')], nextCheckIn: 300 },
  'a head whose rollout runs is not rolled out again, and the rollout is kept running': {
    given: [rollout(A, 'Verifying')],
    start: nameOf(A),
  },
  'a Rollout that was made but never started is started': {
    given: [rollout(A, 'Pending')],
    start: nameOf(A),
  },
  'a new head is rolled out after one that succeeded': {
    given: [rollout(A, 'Succeeded')],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    start: nameOf(B),
  },
  'a new head is rolled out after one that was refused, rolled back, failed or cancelled': {
    given: [rollout(A, 'Failed', { failure: 'mistake' })],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    start: nameOf(B),
  },
  'a newer head supersedes a rollout that has applied nothing yet, and waits for it to yield': {
    given: [rollout(A, 'Planned')],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    supersede: [nameOf(A)],
    nextCheckIn: 2,
  },
  'a newer head supersedes a rollout that awaits confirmation': {
    given: [rollout(A, 'AwaitingConfirmation')],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    supersede: [nameOf(A)],
    nextCheckIn: 2,
  },
  'a rollout that awaits confirmation is the one that runs': {
    given: [rollout(A, 'AwaitingConfirmation')],
    and: {},
    start: nameOf(A),
  },
  'a changed spec supersedes what awaits confirmation by the old one': {
    given: [rollout(A, 'AwaitingConfirmation')],
    and: { generation: 2 },
    create: { commit: A, attempt: 2, cause: 'spec' },
    supersede: [nameOf(A)],
  },
  'a newer head supersedes a rollout that applies, and waits until it has gone back': {
    given: [rollout(A, 'Applying')],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    supersede: [nameOf(A)],
    nextCheckIn: 2,
  },
  'a newer head supersedes a rollout that waits for its objects': {
    given: [rollout(A, 'Verifying'), rollout(B, 'Pending', { createdAt: s(1001) })],
    and: { head: B },
    supersede: [nameOf(A)],
    nextCheckIn: 2,
  },
  'a newer head supersedes a rollout that is on its way back': {
    given: [rollout(A, 'RollingBack'), rollout(B, 'Pending', { createdAt: s(1001) })],
    and: { head: B },
    supersede: [nameOf(A)],
    nextCheckIn: 2,
  },
  'a newer head is noted, but waits for a rollout that is past its commit point': {
    given: [rollout(A, 'Verifying', { isCommitted: true })],
    and: { head: B },
    create: { commit: B, attempt: 1, cause: 'head' },
    start: nameOf(A),
  },
  'of several heads that came meanwhile only the newest waits': {
    given: [rollout(A, 'Verifying', { isCommitted: true }), rollout(B, 'Pending', { createdAt: s(1001) })],
    and: { head: C },
    create: { commit: C, attempt: 1, cause: 'head' },
    start: nameOf(A),
    supersede: [nameOf(B)],
  },
  'the newest head runs when the one before it is finished': {
    given: [rollout(A, 'RolledBack', { failure: 'mistake' }), rollout(B, 'Pending', { createdAt: s(1001) })],
    and: { head: B },
    start: nameOf(B),
  },
  'a force-push back is a new head, and another attempt at that commit': {
    given: [rollout(A, 'Succeeded'), rollout(B, 'Succeeded', { createdAt: s(1001) })],
    create: { commit: A, attempt: 2, cause: 'head' },
    start: nameOf(A, 2),
  },
  'a force-push back while the first still applies is newer than both': {
    given: [rollout(A, 'Applying'), rollout(B, 'Pending', { createdAt: s(1001) })],
    create: { commit: A, attempt: 2, cause: 'head' },
    supersede: [nameOf(A), nameOf(B)],
  },
  'two rollouts of one second are in the order in which they followed each other': {
    given: [rollout(B, 'Succeeded', { follows: nameOf(A) }), rollout(A, 'Succeeded')],
    and: { head: B },
  },
  'a retry of the newest makes another attempt': {
    given: [rollout(A, 'RolledBack', { failure: 'mistake', isRetryAsked: true })],
    create: { commit: A, attempt: 2, cause: 'retry' },
    start: nameOf(A, 2),
  },
  'a retry waits until the rollout has finished': {
    given: [rollout(A, 'Applying', { isRetryAsked: true })],
    start: nameOf(A),
  },
  'a retry of an older rollout does nothing: newer ones have decided': {
    given: [
      rollout(A, 'RolledBack', { isRetryAsked: true }),
      rollout(B, 'Succeeded', { createdAt: s(1001) }),
    ],
    and: { head: B },
  },
  'a changed spec rolls the same head out again': {
    given: [rollout(A, 'Succeeded')],
    and: { generation: 2 },
    create: { commit: A, attempt: 2, cause: 'spec' },
    start: nameOf(A, 2),
  },
  'a changed spec supersedes what was planned by the old one': {
    given: [rollout(A, 'Planned')],
    and: { generation: 2 },
    create: { commit: A, attempt: 2, cause: 'spec' },
    supersede: [nameOf(A)],
  },
  'a changed spec supersedes what is being applied by the old one': {
    given: [rollout(A, 'Applying')],
    and: { generation: 2 },
    create: { commit: A, attempt: 2, cause: 'spec' },
    supersede: [nameOf(A)],
  },
  'a changed spec waits for what is past its commit point': {
    given: [rollout(A, 'Verifying', { isCommitted: true })],
    and: { generation: 2 },
    start: nameOf(A),
  },
  'a changed spec waits until its repository can be read': {
    given: [rollout(A, 'Succeeded')],
    and: { generation: 2, head: undefined },
  },
  'a commit refused for a mistake is not planned again': {
    given: [rollout(A, 'Refused', { failure: 'mistake', finishedAt: s(1) })],
    and: { now: s(99_999) },
  },
  'a commit refused for something missing waits for the interval': {
    given: [rollout(A, 'Refused', { failure: 'missing', finishedAt: s(900) })],
    nextCheckIn: 200,
  },
  'a commit refused for something missing is planned again after the interval': {
    given: [rollout(A, 'Refused', { failure: 'missing', finishedAt: s(700) })],
    create: { commit: A, attempt: 2, cause: 'missing' },
    start: nameOf(A, 2),
  },
  'a commit refused for something missing is planned again at once when asked': {
    given: [rollout(A, 'Refused', { failure: 'missing', finishedAt: s(999) })],
    and: { requests: { isSyncAsked: true } },
    create: { commit: A, attempt: 2, cause: 'missing' },
    start: nameOf(A, 2),
  },
  'a failure that may pass is waited out for 30 s before the second attempt': {
    given: [later(1, s(980))],
    nextCheckIn: 10,
  },
  'a failure that may pass gets its second attempt after 30 s': {
    given: [later(1, s(970))],
    create: { commit: A, attempt: 2, cause: 'later' },
    start: nameOf(A, 2),
  },
  'a failure that ended before the clock was put back by an hour is not waited for again': {
    given: [later(1, s(4600))],
    create: { commit: A, attempt: 2, cause: 'later' },
    start: nameOf(A, 2),
  },
  'a failure that may pass is waited out for 120 s before the third attempt': {
    given: [later(1, s(800)), later(2, s(900))],
    nextCheckIn: 20,
  },
  'a failure that may pass gets its third attempt after 120 s': {
    given: [later(1, s(800)), later(2, s(880))],
    create: { commit: A, attempt: 3, cause: 'later' },
    start: nameOf(A, 3),
  },
  'a failure that may pass gets no fourth attempt, even when asked to look': {
    given: [later(1, s(1)), later(2, s(100)), later(3, s(300))],
    and: { requests: { isSyncAsked: true }, now: s(9999) },
  },
  'a retry gives a failure that may pass three attempts anew': {
    given: [later(1, s(1)), later(2, s(100)), later(3, s(300)), { ...later(4, s(400)), cause: 'retry' }],
    create: { commit: A, attempt: 5, cause: 'later' },
    start: nameOf(A, 5),
  },
  'a commit that was cancelled is left until it is asked for': { given: [rollout(A, 'Cancelled')] },
  'a commit that never had its turn, since what superseded it is gone, gets it': {
    given: [rollout(A, 'Superseded')],
    create: { commit: A, attempt: 2, cause: 'head' },
    start: nameOf(A, 2),
  },
  'being asked to look changes nothing about a head that is in force': {
    given: [rollout(A, 'Succeeded')],
    and: { requests: { isSyncAsked: true } },
  },
  'a rollback makes another attempt at the older commit': {
    given: [rollout(B, 'Succeeded'), rollout(A, 'Succeeded', { createdAt: s(1001) })],
    and: { requests: { isSyncAsked: false, rollbackTo: nameOf(B) } },
    create: { commit: B, attempt: 2, cause: 'rollback' },
    start: nameOf(B, 2),
  },
  'a rollback that was made is not made again, though it was not noted as answered': {
    given: [
      rollout(B, 'Succeeded'),
      rollout(B, 'Succeeded', {
        attempt: 2,
        cause: 'rollback',
        head: A,
        rollbackTo: nameOf(B),
        createdAt: s(1001),
      }),
    ],
    and: { requests: { isSyncAsked: false, rollbackTo: nameOf(B) } },
  },
  'after a rollback the head that was left is not rolled out again': {
    given: [
      rollout(A, 'Succeeded'),
      rollout(B, 'Succeeded', { attempt: 2, cause: 'rollback', head: A, createdAt: s(1001) }),
    ],
  },
  'after a rollback a new head is': {
    given: [rollout(B, 'Succeeded', { attempt: 2, cause: 'rollback', head: A })],
    and: { head: C },
    create: { commit: C, attempt: 1, cause: 'head' },
    start: nameOf(C),
  },
  'after a rollback a changed spec applies to what was rolled back to': {
    given: [rollout(B, 'Succeeded', { attempt: 2, cause: 'rollback', head: A })],
    and: { generation: 2 },
    create: { commit: B, attempt: 3, cause: 'spec' },
    start: nameOf(B, 3),
  },
  'a rollback supersedes what has applied nothing yet': {
    given: [rollout(B, 'Succeeded'), rollout(A, 'Planned', { createdAt: s(1001) })],
    and: { requests: { isSyncAsked: false, rollbackTo: nameOf(B) } },
    create: { commit: B, attempt: 2, cause: 'rollback' },
    supersede: [nameOf(A)],
  },
  'a rollback supersedes what is being applied': {
    given: [rollout(B, 'Succeeded'), rollout(A, 'Verifying', { createdAt: s(1001) })],
    and: { requests: { isSyncAsked: false, rollbackTo: nameOf(B) } },
    create: { commit: B, attempt: 2, cause: 'rollback' },
    supersede: [nameOf(A)],
  },
  'a source that is resumed supersedes what went on meanwhile, when a newer head came': {
    given: [rollout(A, 'Verifying')],
    and: { head: B, generation: 3 },
    create: { commit: B, attempt: 1, cause: 'head' },
    supersede: [nameOf(A)],
  },
  'a suspended source begins nothing, but what applies goes on': {
    given: [rollout(A, 'Applying'), rollout(B, 'Pending', { createdAt: s(1001) })],
    and: { head: C, isSuspended: true },
    start: nameOf(A),
  },
  'a suspended source does not start what waits': {
    given: [rollout(A, 'Pending')],
    and: { isSuspended: true },
  },
  'a rollout that was made after the clock was put back is the newest': {
    given: [
      rollout(B, 'Succeeded', { sequence: 1 }),
      rollout(A, 'Succeeded', { sequence: 2, createdAt: s(10), follows: nameOf(B) }),
    ],
  },
  'a rollout that was made after the clock was put back is started': {
    given: [
      rollout(B, 'Superseded', { sequence: 1 }),
      rollout(A, 'Pending', { sequence: 2, createdAt: s(10), follows: nameOf(B) }),
    ],
    start: nameOf(A),
  },
  'a rollout that was made before their order was kept is older than any whose place is known': {
    given: [rollout(B, 'Succeeded'), rollout(A, 'Succeeded', { sequence: 1, createdAt: s(10) })],
  },
  'two commits that share twelve digits do not share a name': {
    given: [rollout(`${A.slice(0, 12)}${B.slice(12)}`, 'Succeeded')],
    create: { commit: A, attempt: 2, cause: 'head' },
    start: nameOf(A, 2),
  },
};

import { SambandError, type ErrorCode } from '@samband/errors';
import {
  describeRef,
  findCondition,
  ourKind,
  refKey,
  type Condition,
  type KubeObject,
  type ObjectRef,
  type Rollout,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { liesElsewhere, prospectOf, type Brought, type Problem } from '@samband/gitops';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { remainingMs, waitFor, type Verdict, type Waiting, type WaitOutcome } from '../wait.js';
import { parts, type Ledger, type PlannedEntry, type PlanSnapshot, type Version } from './model.js';
import { reportProblems } from './problems.js';
import { readContext, readRollout } from './refs.js';
import { untilRevoked } from './revoked.js';
import { WaitTeller } from './wait-teller.js';

/** Kinds that become Ready; everything else is applied and never waited for. */
const awaitedKinds = new Set(['AddressSpace', 'Address', 'MessagingUser', 'AddressSpacePlan']);

type Awaited = Pick<PlannedEntry, 'action' | 'ref' | 'file' | 'line' | 'wasReady'> & {
  readonly version: Version | undefined;
};

/** What is waited for, by `refKey`. Without manifests: a worker waits for very many rollouts, minutes each. */
async function readAwaited(
  { store }: Ports,
  of: EntityRef,
  part: typeof parts.ledger | typeof parts.restored,
  isAwaited = (ref: ObjectRef): boolean => awaitedKinds.has(ref.kind),
): Promise<{ awaited: Map<string, Awaited>; brought: readonly Brought[] }> {
  const rollout = await readRollout(store, of);
  const snapshots = new Snapshots(store);
  const plan = (await snapshots.read(rollout, parts.plan)) as PlanSnapshot;
  const { written } = (await snapshots.read(rollout, part)) as Ledger;
  const awaited = new Map<string, Awaited>();
  for (const { action, ref, file, line, wasReady, manifest } of plan.entries) {
    const key = refKey(ref);
    const isMeant = part === parts.ledger ? manifest !== undefined : Object.hasOwn(written, key);
    if (isMeant && isAwaited(ref))
      awaited.set(key, { action, ref, file, line, wasReady, version: written[key] });
  }
  const brought = plan.entries.filter(({ manifest }) => manifest !== undefined);
  return { awaited, brought: brought.filter(twoOfAKind()).map(({ ref, action }) => ({ ref, action })) };
}

/** What a commit brings is asked by kind, for each of very many objects: of each kind another one than itself will do. */
function twoOfAKind(): (brought: Brought) => boolean {
  const counts = new Map<string, number>();
  return ({ ref: { apiVersion, kind }, action }) => {
    const id = `${action} ${apiVersion} ${kind}`;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return count <= 2;
  };
}

/** Until everything that was applied is Ready at the generation that this rollout wrote. */
export async function awaitReady(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const { awaited, brought } = await readAwaited(ports, ref, parts.ledger);
  const teller = new WaitTeller(ports, ref, 'wait');
  const outcome = await waitFor(
    ports.view,
    [...awaited.values()].map((one) => one.ref),
    (object, of) => {
      const verdict = readiness(object, awaited.get(refKey(of))?.version);
      if (verdict.kind !== 'elsewhere') return verdict;
      const { reason, message } = verdict;
      const others = brought.filter((one) => refKey(one.ref) !== refKey(of));
      switch (prospectOf(reason, others)) {
        case 'open':
          return { kind: 'pending', message };
        case 'soon':
          return { kind: 'doubted', message, forMs: doubtMs };
        case 'none':
          teller.warn(of, reason, message);
          return { kind: 'doubted', message, forMs: vainMs };
      }
    },
    remainingMs(ports, run),
    run,
    teller.look,
  ).finally(() => teller.stop());
  if (outcome.failed.length > 0 || outcome.pending.length > 0) {
    const problems = [
      ...outcome.failed.map((item) => problem(item, codeOf(ports, item, awaited), awaited)),
      ...outcome.pending.map((item) => problem(item, 'WAIT_TIMEOUT', awaited)),
    ];
    const { rollout } = await readContext(ports.store, ref);
    // One that was given up (its rollout has turned back meanwhile) finds much amiss that is as it should be.
    if (isAt(rollout, 'wait')) await reportProblems(ports.store, rollout, problems);
    throw waitFailure(outcome, problems);
  }
  return { ready: outcome.done };
}

/** Whether the step runs; one that no workflow keeps account of does. */
function isAt({ status }: Rollout, step: string): boolean {
  const last = status?.steps?.at(-1);
  return last === undefined || (last.name === step && last.phase === 'Running');
}

/** What is stalled needs another commit; what only lacks something may come right without one. */
function codeOf({ view }: Ports, { ref }: Waiting, awaited: ReadonlyMap<string, Awaited>): ErrorCode {
  const object = view.get(ref);
  const isLacking = readiness(object, awaited.get(refKey(ref))?.version).kind === 'elsewhere';
  return isLacking && !isStalled(object) ? 'DEPENDENCY_MISSING' : 'OBJECT_STALLED';
}

/** Until everything that the way back wrote is as ready as it was before, and what it removed is gone, logins too. */
export async function awaitRestored(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const { awaited } = await readAwaited(ports, ref, parts.restored);
  const teller = new WaitTeller(ports, ref, 'await-restored');
  const outcome = await waitFor(
    ports.view,
    [...awaited.values()].map((one) => one.ref),
    (object, of) => {
      const one = awaited.get(refKey(of));
      if (one?.action === 'add') return gone(object, one.version);
      if (one?.wasReady !== true) return { kind: 'done' };
      const verdict = readiness(object, one.version);
      if (verdict.kind !== 'elsewhere') return verdict;
      const { message } = verdict;
      return isStalled(object) ? { kind: 'doubted', message, forMs: doubtMs } : { kind: 'pending', message };
    },
    remainingMs(ports, run),
    run,
    teller.look,
  ).finally(() => teller.stop());
  if (outcome.failed.length > 0 || outcome.pending.length > 0) throw waitFailure(outcome);
  const added = [...awaited.values()].filter(({ action }) => action === 'add');
  await untilRevoked(
    ports,
    added.map((one) => one.ref),
    run,
  );
  return { ready: outcome.done };
}

/** Spaces have gone by then, unless their host is away: what still goes is the newer rollout's problem to name. */
const goneMs = 10_000;

/**
 * Until a newer rollout may plan: what the way back removed is gone, and the watch has told of what it wrote. Whether
 * that becomes ready is the newer one's to see: it may be what mends it.
 */
export async function awaitSettled(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const isWatched = (of: ObjectRef): boolean => ourKind(of) !== undefined;
  const { awaited } = await readAwaited(ports, ref, parts.restored, isWatched);
  const outcome = await waitFor(
    ports.view,
    [...awaited.values()].map((one) => one.ref),
    (object, of) => {
      const one = awaited.get(refKey(of));
      return one?.action === 'add' ? gone(object, one.version) : seen(object, one?.version);
    },
    Math.min(remainingMs(ports, run), goneMs),
    run,
  );
  return { ready: outcome.done };
}

/** At the version that was written, or a later one. */
function seen(object: KubeObject | undefined, version: Version | undefined): Verdict {
  const { uid, generation = 0 } = object?.metadata ?? {};
  return object === undefined || uid !== version?.uid || generation >= (version?.generation ?? 0)
    ? { kind: 'done' }
    : { kind: 'pending', message: 'was not heard of yet' };
}

/** Gone, or already another object of the same name. */
export function gone(object: KubeObject | undefined, version: Version | undefined): Verdict {
  return object === undefined || object.metadata.uid !== version?.uid
    ? { kind: 'done' }
    : { kind: 'pending', message: 'is still being removed' };
}

/**
 * A space may have looked before it had heard of all that was applied with it, and may be at a thousand other addresses
 * when it is told: while the commit itself brings what may mend what it says, it is given that long.
 */
const doubtMs = 30_000;
/** Nothing that moves can end it: long enough to be read, and for who makes by hand what is missing. */
const vainMs = 4_000;

/** Not ready for a reason that lies in another object. */
interface Elsewhere {
  readonly kind: 'elsewhere';
  readonly reason: string;
  readonly message: string;
}

/** A generation written by somebody else meanwhile counts as well: it includes ours or is a conflict of theirs. */
export function readiness(
  object: KubeObject | undefined,
  version: Version | undefined,
): Exclude<Verdict, { kind: 'doubted' }> | Elsewhere {
  if (object === undefined) return { kind: 'pending', message: 'is not there' };
  const { observedGeneration = 0 } = (object['status'] ?? {}) as { observedGeneration?: number };
  if (observedGeneration < (version?.generation ?? object.metadata.generation ?? 0))
    return { kind: 'pending', message: 'was not looked at yet' };
  const { status, reason = '', message = 'is not ready' } = conditionOf(object, 'Ready') ?? {};
  if (status === 'True') return { kind: 'done' };
  // What is invalid and looked at again is what a Secret holds; else it is the object itself.
  const isItself = reason === 'Invalid' && isStalled(object);
  if (liesElsewhere(reason) && !isItself) return { kind: 'elsewhere', reason, message };
  return { kind: isStalled(object) ? 'failed' : 'pending', message };
}

function isStalled(object: KubeObject | undefined): boolean {
  return conditionOf(object, 'Stalled')?.status === 'True';
}

function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  return findCondition((object?.['status'] as { conditions?: Condition[] } | undefined)?.conditions, type);
}

function problem(
  { ref, message }: { ref: ObjectRef; message: string },
  code: string,
  places: ReadonlyMap<string, { file: string; line: number }>,
): Problem {
  const { file, line } = places.get(refKey(ref)) ?? { file: '', line: 0 };
  return { file, line, resource: describeRef(ref), code, message };
}

/** One fault of the commit's own makes another attempt at it vain, whatever else is missing. */
function waitFailure({ failed, pending }: WaitOutcome, problems: readonly Problem[] = []): SambandError {
  const [first] = failed.length > 0 ? failed : pending;
  const count = failed.length > 0 ? failed.length : pending.length;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const text = first === undefined ? '' : `${describeRef(first.ref)}: ${first.message}${more}`;
  if (failed.length === 0) return new SambandError('WAIT_TIMEOUT', `not ready in time: ${text}`);
  const isLacking = problems.length > 0 && problems.every(({ code }) => code === 'DEPENDENCY_MISSING');
  return new SambandError(isLacking ? 'DEPENDENCY_MISSING' : 'OBJECT_STALLED', text);
}

import { SambandError } from '@samband/errors';
import {
  describeRef,
  ourKind,
  refKey,
  type KubeObject,
  type ObjectRef,
  type Reason,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Problem } from '@samband/gitops';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { waitFor, type Verdict, type WaitOutcome } from '../wait.js';
import { parts, type Ledger, type PlannedEntry, type PlanSnapshot, type Version } from './model.js';
import { reportProblems } from './problems.js';
import { readContext, readRollout } from './refs.js';
import { untilRevoked } from './revoked.js';

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
): Promise<Map<string, Awaited>> {
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
  return awaited;
}

/** Until everything that was applied is Ready at the generation that this rollout wrote. */
export async function awaitReady(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const awaited = await readAwaited(ports, ref, parts.ledger);
  const outcome = await waitFor(
    ports.view,
    [...awaited.values()].map((one) => one.ref),
    (object, of) => readiness(object, awaited.get(refKey(of))?.version),
    remainingMs(ports, run),
    run,
  );
  if (outcome.failed.length > 0 || outcome.pending.length > 0) {
    const problems = [
      ...outcome.failed.map((item) => problem(item, 'OBJECT_STALLED', awaited)),
      ...outcome.pending.map((item) => problem(item, 'WAIT_TIMEOUT', awaited)),
    ];
    const { rollout } = await readContext(ports.store, ref);
    await reportProblems(ports.store, rollout, problems);
    throw waitFailure(outcome);
  }
  return { ready: outcome.done };
}

/** Until everything that the way back wrote is as ready as it was before, and what it removed is gone, logins too. */
export async function awaitRestored(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const awaited = await readAwaited(ports, ref, parts.restored);
  const outcome = await waitFor(
    ports.view,
    [...awaited.values()].map((one) => one.ref),
    (object, of) => {
      const one = awaited.get(refKey(of));
      if (one?.action === 'add') return gone(object, one.version);
      return one?.wasReady === true ? readiness(object, one.version) : { kind: 'done' };
    },
    remainingMs(ports, run),
    run,
  );
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
  const awaited = await readAwaited(ports, ref, parts.restored, isWatched);
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
 * Reasons that lie in other objects. Whether those are as the commit needs them was judged when it was planned; a space or a
 * controller may have looked before it had heard of all that was applied, and looks again.
 */
const reasonsElsewhere: ReadonlySet<string> = new Set<Reason>([
  'UnknownPlan',
  'PlanFailed',
  'PlanNotAllowed',
  'UnknownInfraConfig',
  'UnknownAddressPlan',
  'UnknownAuthenticationService',
  'UnknownAddressSpace',
  'UnknownTopic',
  'UnknownDeadletter',
  'DuplicateAddress',
  'QuotaExceeded',
  'CapacityExceeded',
]);
/** A space may be at a thousand other addresses when it is told of something new. */
const doubtMs = 30_000;

/** A generation written by somebody else meanwhile counts as well: it includes ours or is a conflict of theirs. */
export function readiness(object: KubeObject | undefined, version: Version | undefined): Verdict {
  if (object === undefined) return { kind: 'pending', message: 'is not there' };
  const status = (object['status'] ?? {}) as {
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message: string }[];
  };
  if ((status.observedGeneration ?? 0) < (version?.generation ?? object.metadata.generation ?? 0)) {
    return { kind: 'pending', message: 'was not looked at yet' };
  }
  const condition = (type: string): { status: string; reason?: string; message: string } | undefined =>
    status.conditions?.find((one) => one.type === type);
  if (condition('Ready')?.status === 'True') return { kind: 'done' };
  const stalled = condition('Stalled');
  if (stalled?.status === 'True') {
    const { message, reason = '' } = stalled;
    return reasonsElsewhere.has(reason)
      ? { kind: 'doubted', message, forMs: doubtMs }
      : { kind: 'failed', message };
  }
  return { kind: 'pending', message: condition('Ready')?.message ?? 'is not ready' };
}

function remainingMs({ waitSeconds }: Ports, run: Running): number {
  return waitSeconds * 1000 - run.elapsedMs();
}

function problem(
  { ref, message }: { ref: ObjectRef; message: string },
  code: string,
  places: ReadonlyMap<string, { file: string; line: number }>,
): Problem {
  const { file, line } = places.get(refKey(ref)) ?? { file: '', line: 0 };
  return { file, line, resource: describeRef(ref), code, message };
}

function waitFailure({ failed, pending }: WaitOutcome): SambandError {
  const [first] = failed.length > 0 ? failed : pending;
  const count = failed.length > 0 ? failed.length : pending.length;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const text = first === undefined ? '' : `${describeRef(first.ref)}: ${first.message}${more}`;
  return failed.length > 0
    ? new SambandError('OBJECT_STALLED', text)
    : new SambandError('WAIT_TIMEOUT', `not ready in time: ${text}`);
}

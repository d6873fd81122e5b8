import { SambandError } from '@samband/errors';
import { describeRef, refKey, type KubeObject, type ObjectRef } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Problem } from '@samband/gitops';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { waitFor, type Verdict, type WaitOutcome } from '../wait.js';
import { parts, type Ledger, type PlanSnapshot, type Version } from './model.js';
import { reportProblems } from './problems.js';
import { readContext } from './refs.js';

/** Kinds that become Ready; everything else is applied and never waited for. */
const awaitedKinds = new Set(['AddressSpace', 'Address', 'MessagingUser', 'AddressSpacePlan']);

/** Until everything that was applied is Ready at the generation that this rollout wrote. */
export async function awaitReady(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const snapshots = new Snapshots(ports.store);
  const plan = (await snapshots.read(ref, parts.plan)) as PlanSnapshot;
  const ledger = (await snapshots.read(ref, parts.ledger)) as Ledger;
  const awaited = plan.entries.filter(
    ({ manifest, ref: { kind } }) => manifest !== undefined && awaitedKinds.has(kind),
  );
  const outcome = await waitFor(
    ports.view,
    awaited.map((entry) => entry.ref),
    (object, of) => readiness(object, ledger.written[refKey(of)]),
    remainingMs(ports, run),
    run,
  );
  if (outcome.failed.length > 0 || outcome.pending.length > 0) {
    const places = new Map(awaited.map((entry) => [refKey(entry.ref), entry]));
    const problems = [
      ...outcome.failed.map((item) => problem(item, 'OBJECT_STALLED', places)),
      ...outcome.pending.map((item) => problem(item, 'WAIT_TIMEOUT', places)),
    ];
    const { rollout } = await readContext(ports.store, ref);
    await reportProblems(ports.store, rollout, problems);
    throw waitFailure(outcome);
  }
  return { ready: outcome.done };
}

/** Until everything that the way back wrote is as ready as it was before, and what it removed is gone. */
export async function awaitRestored(ports: Ports, ref: EntityRef, run: Running): Promise<{ ready: number }> {
  const snapshots = new Snapshots(ports.store);
  const plan = (await snapshots.read(ref, parts.plan)) as PlanSnapshot;
  const restored = (await snapshots.read(ref, parts.restored)) as Ledger;
  const awaited = plan.entries.filter((entry) => refKey(entry.ref) in restored.written);
  const kinds = new Map(awaited.map((entry) => [refKey(entry.ref), entry]));
  const outcome = await waitFor(
    ports.view,
    awaited.filter(({ ref: { kind } }) => awaitedKinds.has(kind)).map((entry) => entry.ref),
    (object, of) => {
      const entry = kinds.get(refKey(of));
      const version = restored.written[refKey(of)];
      if (entry?.action === 'add') return gone(object, version);
      return entry?.wasReady === true ? readiness(object, version) : { kind: 'done' };
    },
    remainingMs(ports, run),
    run,
  );
  if (outcome.failed.length > 0 || outcome.pending.length > 0) throw waitFailure(outcome);
  return { ready: outcome.done };
}

/** Gone, or already another object of the same name. */
export function gone(object: KubeObject | undefined, version: Version | undefined): Verdict {
  return object === undefined || object.metadata.uid !== version?.uid
    ? { kind: 'done' }
    : { kind: 'pending', message: 'is still being removed' };
}

/** A generation written by somebody else meanwhile counts as well: it includes ours or is a conflict of theirs. */
export function readiness(object: KubeObject | undefined, version: Version | undefined): Verdict {
  if (object === undefined) return { kind: 'pending', message: 'is not there' };
  const status = (object['status'] ?? {}) as {
    observedGeneration?: number;
    conditions?: { type: string; status: string; message: string; observedGeneration?: number }[];
  };
  if ((status.observedGeneration ?? 0) < (version?.generation ?? object.metadata.generation ?? 0)) {
    return { kind: 'pending', message: 'was not looked at yet' };
  }
  const condition = (type: string): { status: string; message: string } | undefined =>
    status.conditions?.find((one) => one.type === type);
  if (condition('Ready')?.status === 'True') return { kind: 'done' };
  const stalled = condition('Stalled');
  if (stalled?.status === 'True') return { kind: 'failed', message: stalled.message };
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

import { SambandError, errorCode } from '@samband/errors';
import { ourKind, refKey, type KubeObject } from '@samband/resources';
import { isDeclaredIn, type Problem } from '@samband/gitops';
import type { EntityRef } from '@samband/contract';
import { inTiers } from './tiers.js';
import type { Ports } from '../ports.js';
import { isDisowned, type Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { SourceInventory } from './inventory.js';
import {
  parts,
  sameVersion,
  versionOf,
  type Ledger,
  type PlannedEntry,
  type PlanSnapshot,
  type Version,
} from './model.js';
import { firstFailure, problemOf, reportProblems } from './problems.js';
import { readContext, readerOf, sourceOfManager, sourceRef, type RolloutContext } from './refs.js';

type Write = PlannedEntry & { readonly manifest: KubeObject };

/**
 * Server-side applies adds and changes, tier by tier (a space before its addresses). Idempotent: applying the
 * same manifest again changes nothing and answers with the same generation.
 */
export async function applyRollout(ports: Ports, ref: EntityRef, run: Running): Promise<{ applied: number }> {
  const { store } = ports;
  const context = await readContext(store, ref);
  const snapshots = new Snapshots(store);
  const plan = (await snapshots.read(context.rollout, parts.plan)) as PlanSnapshot;
  const writes = plan.entries.filter(isWrite);
  // With what an earlier attempt wrote: one that is stopped sooner than that must not forget it.
  const earlier = (await snapshots.readIfThere(context.rollout, parts.ledger)) as Ledger | undefined;
  const written: Record<string, Version> = { ...earlier?.written };
  const note = (entry: Write | undefined, object: KubeObject | undefined): void => {
    if (entry !== undefined && object !== undefined) written[refKey(entry.ref)] = versionOf(object);
  };
  const problems: Problem[] = [];
  let before = 0;
  try {
    for (const tier of inTiers(writes)) {
      run.signal.throwIfAborted();
      problems.push(...(await findConflicts(ports, context, tier)));
      if (problems.length > 0) break;
      const manifests = tier.map(({ manifest }) => manifest);
      const offset = before;
      const results = await store.applyMany(manifests, {
        fieldManager: context.fieldManager,
        as: context.identity,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(`${offset + done} of ${writes.length}`);
        },
        onApplied: (object, index) => {
          note(tier[index], object);
        },
      });
      for (const [index, result] of results.entries()) {
        const entry = tier[index];
        if (entry === undefined || result.ok) continue;
        const outcome = await takeOver(ports, context, entry, result.error, run.signal);
        if (outcome.ok) note(entry, outcome.object);
        else problems.push(problemOf(entry, outcome.error));
      }
      before += tier.length;
      if (problems.length > 0) break;
    }
  } finally {
    // Whatever was written must be known to the way back, also when this attempt is cancelled or fails.
    if (!isDisowned(run.signal)) {
      await snapshots.write(context.rollout, parts.ledger, { written } satisfies Ledger);
      await noteApplied(store, context, writes, written);
    }
  }
  if (problems.length > 0) {
    await reportProblems(store, context.rollout, problems);
    throw firstFailure(problems);
  }
  // An earlier attempt may have told of what has passed.
  if ((context.rollout.status?.problems ?? []).length > 0) await reportProblems(store, context.rollout, []);
  return { applied: Object.keys(written).length };
}

/** What is the source's own from now on, so that later commits may remove it. */
async function noteApplied(
  store: Ports['store'],
  { source }: RolloutContext,
  writes: readonly Write[],
  written: Ledger['written'],
): Promise<void> {
  const fresh = writes.flatMap(({ ref, isInventoried }) => {
    const uid = written[refKey(ref)]?.uid;
    return isInventoried === true || uid === undefined ? [] : [{ ref, uid }];
  });
  if (fresh.length > 0) await (await SourceInventory.read(store, source)).update({ applied: fresh });
}

/**
 * Objects that somebody else made, changed or removed after the commit was planned: what was planned for them is
 * no longer right, and the way back would not lead to what they are now. An earlier attempt's own writes are
 * known by their content.
 */
async function findConflicts(
  ports: Ports,
  context: RolloutContext,
  tier: readonly Write[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const entry of tier) {
    try {
      const conflict = conflictOf(entry, await lookUp(ports, context, entry));
      if (conflict !== undefined) problems.push(problemOf(entry, conflict));
    } catch (error) {
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      problems.push(problemOf(entry, error as SambandError));
    }
  }
  return problems;
}

/** Ours are watched; the others are few. */
async function lookUp(
  { store, view }: Ports,
  { identity }: RolloutContext,
  { ref }: Write,
): Promise<KubeObject | undefined> {
  return ourKind(ref) === undefined ? store.get(ref, readerOf(ref, identity)) : view.get(ref);
}

function conflictOf(
  { action, seen, manifest }: Write,
  live: KubeObject | undefined,
): SambandError | undefined {
  const isKnown =
    live === undefined
      ? action === 'add'
      : (seen !== undefined && sameVersion(live, seen)) || isDeclaredIn(manifest, live, true);
  if (isKnown) return undefined;
  const what = live === undefined ? 'removed' : seen === undefined ? 'made' : 'changed';
  return new SambandError('KUBERNETES_CONFLICT', `was ${what} by somebody else after the commit was planned`);
}

/**
 * Fields that another manager set: another source's are a named problem; anything else (kubectl, a portal) is
 * taken over, since git is what the object is declared in, and an Event says so.
 */
async function takeOver(
  { store, events }: Ports,
  { fieldManager, identity }: RolloutContext,
  entry: Write,
  error: Error,
  signal: AbortSignal,
): Promise<{ ok: true; object: KubeObject | undefined } | { ok: false; error: Error }> {
  if (errorCode(error) !== 'KUBERNETES_CONFLICT') return { ok: false, error };
  for (const manager of managersOf(error)) {
    const other = manager === fieldManager ? undefined : sourceOfManager(manager);
    // The claim of a source that is gone binds nobody.
    if (other === undefined || (await store.get(sourceRef(other))) === undefined) continue;
    return {
      ok: false,
      error: new SambandError(
        'CONFLICT',
        `is declared by another source too: ${other.namespace}/${other.name}`,
      ),
    };
  }
  try {
    const object = await store.apply(entry.manifest, { fieldManager, as: identity, force: true, signal });
    await events.record(
      object,
      'Normal',
      'FieldsTakenOver',
      `fields set by others are taken over by git: ${error.message}`.slice(0, 1_000),
    );
    return { ok: true, object };
  } catch (forced) {
    if (errorCode(forced) === undefined) throw forced;
    return { ok: false, error: forced as SambandError };
  }
}

function isWrite(entry: PlannedEntry): entry is Write {
  return entry.manifest !== undefined;
}

/** Whose fields a conflict is about: in its facts, since a message may be cut. */
function managersOf(error: Error): string[] {
  const { facts = {} } = error as Partial<SambandError>;
  return String(facts['managers'] ?? '').split(', ');
}

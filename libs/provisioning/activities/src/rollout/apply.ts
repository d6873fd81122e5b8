import { SambandError, errorCode } from '@samband/errors';
import { ourKind, refKey, type KubeObject } from '@samband/resources';
import { isDeclaredIn, type Problem } from '@samband/gitops';
import type { EntityRef } from '@samband/contract';
import { inBatches, inTiers } from './tiers.js';
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
import {
  asJudged,
  judgedAgain,
  readContext,
  readerOf,
  sourceOfManager,
  sourceRef,
  type RolloutContext,
} from './refs.js';

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
      const judged = await judge(ports, context, tier);
      problems.push(...judged.problems);
      if (problems.length > 0) break;
      const manifests = tier.map((entry) => {
        const live = judged.live.get(entry);
        return live === undefined ? entry.manifest : asJudged(entry.manifest, live);
      });
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
      const refused = results.flatMap((result, index) => {
        const entry = tier[index];
        return entry === undefined || result.ok ? [] : [{ entry, error: result.error }];
      });
      for (const batch of inBatches(refused)) {
        await Promise.all(
          batch.map(async ({ entry, error }) => {
            const outcome = await applyAgain(ports, context, entry, error, run.signal);
            if (outcome.ok) note(entry, outcome.object);
            else problems.push(problemOf(entry, outcome.error));
          }),
        );
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
async function judge(
  ports: Ports,
  context: RolloutContext,
  tier: readonly Write[],
): Promise<{ problems: Problem[]; live: ReadonlyMap<Write, KubeObject> }> {
  const problems: Problem[] = [];
  const found = new Map<Write, KubeObject>();
  for (const entry of tier) {
    try {
      const live = await lookUp(ports, context, entry);
      const conflict = conflictOf(entry, live);
      if (conflict !== undefined) problems.push(problemOf(entry, conflict));
      else if (live !== undefined) found.set(entry, live);
    } catch (error) {
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      problems.push(problemOf(entry, error as SambandError));
    }
  }
  return { problems, live: found };
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

type Outcome = { ok: true; object: KubeObject } | { ok: false; error: Error };

/**
 * An object that was written after it was judged is judged again: the status that our own workers wrote is no conflict.
 * Fields that another manager set: another source's are a named problem; anything else (kubectl, a portal) is
 * taken over, since git is what the object is declared in, and an Event says so.
 */
async function applyAgain(
  ports: Ports,
  context: RolloutContext,
  entry: Write,
  refusal: Error,
  signal: AbortSignal,
): Promise<Outcome> {
  const { store, events } = ports;
  const { fieldManager, identity } = context;
  let error = refusal;
  let taken: Error | undefined;
  try {
    for (let round = 0; round <= judgedAgain && isStale(error); round += 1) {
      const managers = managersOf(error);
      if (managers.length > 0) {
        const other = await otherSource(ports, context, managers);
        if (other !== undefined) return { ok: false, error: other };
        taken = error;
      }
      const live = await store.get(entry.ref, readerOf(entry.ref, identity));
      const conflict = conflictOf(entry, live);
      if (conflict !== undefined) return { ok: false, error: conflict };
      const manifest = live === undefined ? entry.manifest : asJudged(entry.manifest, live);
      const force = taken !== undefined;
      const [result] = await store.applyMany([manifest], { fieldManager, as: identity, force, signal });
      if (result === undefined) break;
      if (!result.ok) {
        error = result.error;
        continue;
      }
      const object = result.object ?? entry.manifest;
      if (taken !== undefined) {
        const message = `fields set by others are taken over by git: ${taken.message}`.slice(0, 1_000);
        await events.record(object, 'Normal', 'FieldsTakenOver', message);
      }
      return { ok: true, object };
    }
  } catch (failure) {
    if (errorCode(failure) === undefined) throw failure;
    return { ok: false, error: failure as SambandError };
  }
  return { ok: false, error };
}

/** Written since it was judged, or gone: what was sent named the version that was judged. */
function isStale(error: Error): boolean {
  return errorCode(error) === 'KUBERNETES_CONFLICT' || errorCode(error) === 'NOT_FOUND';
}

async function otherSource(
  { store }: Ports,
  { fieldManager }: RolloutContext,
  managers: readonly string[],
): Promise<SambandError | undefined> {
  for (const manager of managers) {
    const other = manager === fieldManager ? undefined : sourceOfManager(manager);
    // The claim of a source that is gone binds nobody.
    if (other === undefined || (await store.get(sourceRef(other))) === undefined) continue;
    const message = `is declared by another source too: ${other.namespace}/${other.name}`;
    return new SambandError('CONFLICT', message);
  }
  return undefined;
}

function isWrite(entry: PlannedEntry): entry is Write {
  return entry.manifest !== undefined;
}

/** Whose fields a conflict is about: in its facts, since a message may be cut. */
function managersOf(error: Error): string[] {
  const { facts = {} } = error as Partial<SambandError>;
  const managers = String(facts['managers'] ?? '');
  return managers === '' ? [] : managers.split(', ');
}

import { errorCode, SambandError } from '@samband/errors';
import { refKey, type KubeObject } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { isDeclaredIn, rightsKinds, type Problem } from '@samband/gitops';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
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
import { addProblems, firstFailure, problemOf } from './problems.js';
import { asJudged, judgedAgain, readContext, readerOf, type RolloutContext } from './refs.js';
import { inBatches, inTiers } from './tiers.js';

type Outcome =
  { kind: 'untouched' } | { kind: 'restored'; version: Version } | { kind: 'conflict'; message: string };

/**
 * Every object as it was, last applied first. Only what this rollout wrote is touched: an object that somebody
 * else changed meanwhile is left and reported. One object that cannot be restored does not hold up the others;
 * it is reported, and the step fails with it. Idempotent: what is restored already is recognised as such.
 */
export async function restoreRollout(
  ports: Ports,
  ref: EntityRef,
  run: Running,
): Promise<{ restored: number; conflicts: number }> {
  const context = await readContext(ports.store, ref);
  const snapshots = new Snapshots(ports.store);
  const plan = (await snapshots.read(context.rollout, parts.plan)) as PlanSnapshot;
  const ledger = ((await snapshots.readIfThere(context.rollout, parts.ledger)) ?? { written: {} }) as Ledger;
  const earlier = ((await snapshots.readIfThere(context.rollout, parts.restored)) ?? {
    written: {},
  }) as Ledger;
  const pass = new RestorePass(ports, context, ledger, { ...earlier.written }, run);
  let left = plan.entries.filter((entry) => entry.manifest !== undefined).reverse();
  for (;;) {
    const failed = await pass.restoreAll(left);
    // What is restored later in a pass may give the rights that were missing earlier in it.
    if (failed.length === 0 || failed.length === left.length) break;
    left = failed;
  }
  await snapshots.write(context.rollout, parts.restored, { written: pass.written } satisfies Ledger);
  const added = plan.entries.filter(({ action, ref: of }) => action === 'add' && refKey(of) in pass.written);
  if (added.length > 0) {
    const inventory = await SourceInventory.read(ports.store, context.source);
    await inventory.update({ removed: added.map((entry) => entry.ref) });
  }
  const failures = [...pass.failures.values()];
  const conflicts = [...pass.conflicts.values()];
  await addProblems(ports.store, context.rollout, [...failures, ...conflicts]);
  if (failures.length > 0) throw firstFailure(failures);
  return { restored: Object.keys(pass.written).length, conflicts: conflicts.length };
}

class RestorePass {
  readonly failures = new Map<string, Problem>();
  readonly conflicts = new Map<string, Problem>();

  constructor(
    private readonly ports: Ports,
    private readonly context: RolloutContext,
    private readonly ledger: Ledger,
    readonly written: Record<string, Version>,
    private readonly run: Running,
  ) {}

  /** Kind by kind. @returns what could not be restored, in its order */
  async restoreAll(entries: readonly PlannedEntry[]): Promise<PlannedEntry[]> {
    this.failures.clear();
    const left: PlannedEntry[] = [];
    let done = 0;
    for (const batch of inTiers(entries).flatMap(inBatches)) {
      this.run.signal.throwIfAborted();
      // All of them, also when one fails: what is still on its way must not meet the next attempt.
      const outcomes = await Promise.allSettled(batch.map((entry) => this.restore(entry)));
      const isFine = outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      });
      left.push(...batch.filter((_, index) => isFine[index] !== true));
      done += batch.length;
      this.run.beat(`${done} of ${entries.length}`);
    }
    return left;
  }

  /** @returns whether nothing is left to do */
  private async restore(entry: PlannedEntry): Promise<boolean> {
    const key = refKey(entry.ref);
    if (Object.hasOwn(this.written, key)) return true;
    // What the service account's rights hang on, a way back that is not at its end may still need.
    if (this.failures.size > 0 && entry.action === 'add' && rightsKinds.includes(entry.ref.kind))
      return false;
    try {
      const outcome = await restoreOne(
        this.ports,
        this.context,
        entry,
        this.ledger.written[key],
        this.run.signal,
      );
      if (outcome.kind === 'restored') this.written[key] = outcome.version;
      if (outcome.kind === 'conflict')
        this.conflicts.set(key, problemOf(entry, new SambandError('CONFLICT', outcome.message)));
      return true;
    } catch (error) {
      const code = errorCode(error);
      // That is no matter of this object.
      if (code === undefined || code === 'KUBERNETES_UNAVAILABLE' || this.run.signal.aborted) throw error;
      this.failures.set(key, problemOf(entry, error as SambandError));
      return false;
    }
  }
}

/** Whoever writes an object while it is judged wins, unless that were our own workers with its status. */
async function restoreOne(...given: Parameters<typeof restoreAsJudged>): Promise<Outcome> {
  for (let round = 0; ; round += 1) {
    try {
      return await restoreAsJudged(...given);
    } catch (error) {
      const isStale = errorCode(error) === 'KUBERNETES_CONFLICT' || errorCode(error) === 'NOT_FOUND';
      if (!isStale || round >= judgedAgain) throw error;
    }
  }
}

async function restoreAsJudged(
  { store }: Ports,
  { identity, fieldManager }: RolloutContext,
  entry: PlannedEntry,
  version: Version | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const live = await store.get(entry.ref, readerOf(entry.ref, identity));
  if (live === undefined) {
    if (entry.action !== 'add')
      return { kind: 'conflict', message: 'was removed by somebody else meanwhile' };
    // An attempt that died before it noted so has removed it, and it counts as it would have.
    return version === undefined ? { kind: 'untouched' } : { kind: 'restored', version };
  }
  if (live.metadata.deletionTimestamp !== undefined) return judgeTerminating(live, entry, version);
  if (!isOurs(live, entry, version)) {
    if (isAsBefore(live, entry)) return { kind: 'restored', version: versionOf(live) };
    // Not applied yet when the rollout turned back, or changed by somebody else since it was.
    return version === undefined
      ? { kind: 'untouched' }
      : { kind: 'conflict', message: 'was changed by somebody else meanwhile and is left as it is' };
  }
  if (entry.action === 'add') {
    const { uid = '', resourceVersion = '' } = live.metadata;
    await store.delete(entry.ref, { as: identity, uid, resourceVersion, signal });
    return { kind: 'restored', version: versionOf(live) };
  }
  if (entry.before === undefined) return { kind: 'untouched' };
  const restored = await store.apply(asJudged(entry.before, live), {
    fieldManager,
    as: identity,
    force: true,
    signal,
  });
  return { kind: 'restored', version: versionOf(restored) };
}

/** An object that goes: an earlier attempt removed what the rollout had added, or somebody else removes it. */
function judgeTerminating(live: KubeObject, entry: PlannedEntry, version: Version | undefined): Outcome {
  if (entry.action !== 'add') return { kind: 'conflict', message: 'is being removed by somebody else' };
  const isAdded = version === undefined ? isDeclared(live, entry) : version.uid === live.metadata.uid;
  return isAdded ? { kind: 'restored', version: versionOf(live) } : { kind: 'untouched' };
}

/** By the generation that was written; a worker killed before it noted one leaves the content to tell. */
function isOurs(live: KubeObject, entry: PlannedEntry, version: Version | undefined): boolean {
  return version === undefined ? isDeclared(live, entry) : sameVersion(live, version);
}

function isDeclared(live: KubeObject, { manifest }: PlannedEntry): boolean {
  return manifest !== undefined && isDeclaredIn(manifest, live, true);
}

/**
 * Whether an attempt that died before it noted this object has restored it. Where the commit only added to the
 * object, what was there before is in it either way: then what was added must be gone.
 */
function isAsBefore(live: KubeObject, entry: PlannedEntry): boolean {
  const { before } = entry;
  if (before === undefined || !isDeclaredIn(before, live, true)) return false;
  return isDeclared(before, entry) || !isDeclared(live, entry);
}

import { describeRef, refKey, type AddressSpace, type KubeObject, type ObjectRef } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Problem } from '@samband/gitops';
import { SambandError } from '@samband/errors';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { remainingMs, waitFor, type WaitState } from '../wait.js';
import { gone } from './await.js';
import { SourceInventory } from './inventory.js';
import {
  parts,
  sameVersion,
  versionOf,
  type PlannedEntry,
  type PlanSnapshot,
  type Version,
} from './model.js';
import { firstFailure, problemOf, reportProblems } from './problems.js';
import { readContext, readerOf } from './refs.js';
import { removeJudged } from './remove-judged.js';
import { spaceRef } from '../space/refs.js';
import { untilRevoked } from './revoked.js';
import { inTiers } from './tiers.js';
import { spacesOf } from './touched.js';
import { WaitTeller } from './wait-teller.js';

/** The step's own wait: its parts share one deadline. */
interface Wait {
  readonly run: Running;
  readonly leftMs: () => number;
  readonly look?: (state: WaitState) => void;
}

/**
 * Removes what the commit no longer holds, in the order users, addresses, spaces, others; then waits until it
 * is gone, nobody who went can log in, and each touched space has settled what became of the queues.
 */
export async function pruneRollout(
  ports: Ports,
  ref: EntityRef,
  run: Running,
): Promise<{ removed: number; conflicts: number }> {
  const context = await readContext(ports.store, ref);
  const plan = (await new Snapshots(ports.store).read(context.rollout, parts.plan)) as PlanSnapshot;
  const removals = plan.entries.filter((entry) => entry.action === 'remove');
  if (removals.length === 0) return { removed: 0, conflicts: 0 };
  const spaces = spacesOf(removals.map((entry) => entry.ref));
  const wait: Wait = { run, leftMs: () => remainingMs(ports, run) };
  await untilCounted(ports, spaces, wait);
  const conflicts: Problem[] = [];
  const removed = new Map<string, { ref: ObjectRef; version: Version }>();
  for (const tier of inTiers(removals)) {
    run.signal.throwIfAborted();
    const present = await Promise.all(
      tier.map(async (entry) => ({ entry, live: await lookUp(ports, entry.ref, context.identity) })),
    );
    const ready = present.flatMap(({ entry, live }) => {
      if (live === undefined) return [];
      if (isLeftToOthers(live, entry)) {
        conflicts.push(leftToOthers(entry));
        return [];
      }
      return [{ entry, live, ref: entry.ref, version: versionOf(live) }];
    });
    const results = await removeJudged(
      ports,
      ready.map(({ live }) => live),
      {
        as: context.identity,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(`${done} of ${ready.length}`);
        },
      },
      (now, index) => {
        const entry = ready[index]?.entry;
        return entry !== undefined && !isLeftToOthers(now, entry);
      },
    );
    const failures: Problem[] = [];
    for (const [index, result] of results.entries()) {
      const item = ready[index];
      if (item === undefined) continue;
      if (result === 'removed') removed.set(refKey(item.ref), item);
      else if (result === 'left') conflicts.push(leftToOthers(item.entry));
      else failures.push(problemOf(item.entry, result));
    }
    if (failures.length > 0) {
      await reportProblems(ports.store, context.rollout, [...failures, ...conflicts]);
      throw firstFailure(failures);
    }
  }
  if (conflicts.length > 0 || (context.rollout.status?.problems ?? []).length > 0)
    await reportProblems(ports.store, context.rollout, conflicts);
  const left = new Set(conflicts.map(({ resource }) => resource));
  const forgotten = removals.flatMap(({ ref: of }) => (left.has(describeRef(of)) ? [] : [of]));
  await (await SourceInventory.read(ports.store, context.source)).update({ removed: forgotten });
  const teller = new WaitTeller(ports, ref, 'prune', 'gone');
  try {
    await untilGone(ports, [...removed.values()], { ...wait, look: teller.look });
    await untilRevoked(ports, forgotten, run);
    await untilSettled(ports, spaces, { ...wait, look: teller.look });
  } finally {
    await teller.stop();
  }
  return { removed: removed.size, conflicts: conflicts.length };
}

function leftToOthers(entry: PlannedEntry): Problem {
  const message = 'was changed by somebody else after the commit was planned, and is left';
  return problemOf(entry, new SambandError('CONFLICT', message));
}

/** What goes already was told to by an earlier attempt, whose deletion counts as a generation of its own. */
function isLeftToOthers(live: KubeObject, { seen }: PlannedEntry): boolean {
  if (seen === undefined) return false;
  const isGoing = live.metadata.deletionTimestamp !== undefined && live.metadata.uid === seen.uid;
  return !isGoing && !sameVersion(live, seen);
}

async function lookUp(
  { store, view }: Ports,
  ref: ObjectRef,
  identity: string,
): Promise<KubeObject | undefined> {
  // Addresses come by the thousand and are watched; the precondition on what was seen makes a stale look harmless.
  if (ref.kind === 'Address') return view.get(ref);
  return store.get(ref, readerOf(ref, identity));
}

async function untilGone(
  ports: Ports,
  items: readonly { ref: ObjectRef; version: Version }[],
  wait: Wait,
): Promise<void> {
  const watched = items.filter(({ ref }) => ['AddressSpace', 'Address', 'MessagingUser'].includes(ref.kind));
  const versions = new Map(watched.map((item) => [refKey(item.ref), item.version]));
  const outcome = await waitFor(
    ports.view,
    watched.map((item) => item.ref),
    (object, ref) => gone(object, versions.get(refKey(ref))),
    wait.leftMs(),
    wait.run,
    wait.look,
  );
  const [stuck] = outcome.pending;
  if (stuck !== undefined)
    throw new SambandError('WAIT_TIMEOUT', `${describeRef(stuck.ref)} ${stuck.message}`);
}

/** How many seconds the spaces may take to count what the commit has added; it is a courtesy to `untilSettled`. */
const countSeconds = 30;

/**
 * Until the spaces' counts are those of now: one that has not counted what was added looks as if it had settled
 * what is to be removed. A space that does not count at all (its broker is away) does not hold the removal up.
 */
async function untilCounted(ports: Ports, spaces: readonly EntityRef[], wait: Wait): Promise<void> {
  const forMs = Math.min(wait.leftMs(), countSeconds * 1000);
  const isCounted = (known: number, declared: number): boolean => known === declared;
  await waitFor(ports.view, spaces.map(spaceRef), judgeCount(ports, isCounted), forMs, wait.run);
}

/** A space has settled when its status speaks of no more addresses than there are. */
async function untilSettled(ports: Ports, spaces: readonly EntityRef[], wait: Wait): Promise<void> {
  const isSettled = (known: number, declared: number): boolean => known <= declared;
  const outcome = await waitFor(
    ports.view,
    spaces.map(spaceRef),
    judgeCount(ports, isSettled),
    wait.leftMs(),
    wait.run,
    wait.look,
  );
  const [stuck] = outcome.pending;
  if (stuck !== undefined)
    throw new SambandError('WAIT_TIMEOUT', `${describeRef(stuck.ref)} ${stuck.message}`);
}

/** Compares the addresses that a space's status counts with those that are there. */
function judgeCount(
  { view }: Ports,
  fits: (known: number, declared: number) => boolean,
): Parameters<typeof waitFor>[2] {
  return (object, { namespace = '', name }) => {
    const known = (object as AddressSpace | undefined)?.status?.addresses?.declared;
    if (known === undefined || object?.metadata.deletionTimestamp !== undefined) return { kind: 'done' };
    const declared = view
      .byIndex('space', `${namespace}/${name}`)
      .filter(({ kind, metadata }) => kind === 'Address' && metadata.deletionTimestamp === undefined).length;
    return fits(known, declared)
      ? { kind: 'done' }
      : { kind: 'pending', message: 'has not settled its removed addresses yet' };
  };
}

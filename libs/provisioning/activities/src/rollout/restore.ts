import { describeRef, refKey, type KubeObject } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { isDeclaredIn, type Problem } from '@samband/gitops';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import {
  parts,
  sameVersion,
  versionOf,
  type Ledger,
  type PlannedEntry,
  type PlanSnapshot,
  type Version,
} from './model.js';
import { reportProblems } from './problems.js';
import { readContext, readerOf, type RolloutContext } from './refs.js';

type Outcome =
  { kind: 'untouched' } | { kind: 'restored'; version: Version } | { kind: 'conflict'; message: string };

/**
 * Every object as it was, last applied first. Only what this rollout wrote is touched: an object that somebody
 * else changed meanwhile is left and reported. Idempotent: what is restored already is recognised as such.
 */
export async function restoreRollout(
  ports: Ports,
  ref: EntityRef,
  run: Running,
): Promise<{ restored: number; conflicts: number }> {
  const context = await readContext(ports.store, ref);
  const snapshots = new Snapshots(ports.store);
  const plan = (await snapshots.read(ref, parts.plan)) as PlanSnapshot;
  const ledger = ((await snapshots.readIfThere(ref, parts.ledger)) ?? { written: {} }) as Ledger;
  const earlier = ((await snapshots.readIfThere(ref, parts.restored)) ?? { written: {} }) as Ledger;
  const written: Record<string, Version> = { ...earlier.written };
  const conflicts: Problem[] = [];
  const entries = plan.entries.filter((entry) => entry.manifest !== undefined).reverse();
  let done = 0;
  for (const batch of inBatches(entries, 32)) {
    run.signal.throwIfAborted();
    await Promise.all(
      batch.map(async (entry) => {
        const key = refKey(entry.ref);
        if (key in earlier.written) return;
        const outcome = await restoreOne(ports, context, entry, ledger.written[key]);
        if (outcome.kind === 'restored') written[key] = outcome.version;
        if (outcome.kind === 'conflict') {
          conflicts.push({
            file: entry.file,
            line: entry.line,
            resource: describeRef(entry.ref),
            code: 'CONFLICT',
            message: outcome.message,
          });
        }
      }),
    );
    done += batch.length;
    run.beat(`${done} of ${entries.length}`);
  }
  await snapshots.write(context.rollout, parts.restored, { written } satisfies Ledger);
  if (conflicts.length > 0) {
    const known = (context.rollout.status?.problems ?? []) as readonly Problem[];
    await reportProblems(ports.store, context.rollout, [...conflicts, ...known]);
  }
  return { restored: Object.keys(written).length, conflicts: conflicts.length };
}

async function restoreOne(
  { store }: Ports,
  { identity, fieldManager }: RolloutContext,
  entry: PlannedEntry,
  version: Version | undefined,
): Promise<Outcome> {
  const live = await store.get(entry.ref, readerOf(entry.ref, identity));
  if (live === undefined)
    return entry.action === 'add'
      ? { kind: 'untouched' }
      : { kind: 'conflict', message: 'was removed by somebody else meanwhile' };
  if (!isOurs(live, entry, version)) {
    // An attempt that died after this object and before its note: it is as it was already.
    if (entry.before !== undefined && isDeclaredIn(entry.before, live, true))
      return { kind: 'restored', version: versionOf(live) };
    // Not applied yet when the rollout turned back, or changed by somebody else since it was.
    const applied = version !== undefined;
    return applied
      ? { kind: 'conflict', message: 'was changed by somebody else meanwhile and is left as it is' }
      : { kind: 'untouched' };
  }
  if (entry.action === 'add') {
    const uid = live.metadata.uid ?? '';
    await store.delete(entry.ref, { as: identity, uid });
    return { kind: 'restored', version: versionOf(live) };
  }
  if (entry.before === undefined) return { kind: 'untouched' };
  const restored = await store.apply(entry.before, { fieldManager, as: identity, force: true });
  return { kind: 'restored', version: versionOf(restored) };
}

/** By the generation that was written; a worker killed before it noted one leaves the content to tell. */
function isOurs(live: KubeObject, entry: PlannedEntry, version: Version | undefined): boolean {
  if (version !== undefined) return sameVersion(live, version);
  return entry.manifest !== undefined && isDeclaredIn(entry.manifest, live, true);
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

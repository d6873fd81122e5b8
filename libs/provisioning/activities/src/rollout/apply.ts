import { SambandError, errorCode } from '@samband/errors';
import { describeRef, refKey, type KubeObject } from '@samband/resources';
import type { Problem } from '@samband/gitops';
import type { EntityRef } from '@samband/contract';
import { inTiers } from './tiers.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import {
  parts,
  versionOf,
  type Ledger,
  type PlannedEntry,
  type PlanSnapshot,
  type Version,
} from './model.js';
import { reportProblems } from './problems.js';
import { readContext, type RolloutContext } from './refs.js';

/**
 * Server-side applies adds and changes, tier by tier (a space before its addresses). Idempotent: applying the
 * same manifest again changes nothing and answers with the same generation.
 */
export async function applyRollout(ports: Ports, ref: EntityRef, run: Running): Promise<{ applied: number }> {
  const { store } = ports;
  const context = await readContext(store, ref);
  const snapshots = new Snapshots(store);
  const plan = (await snapshots.read(ref, parts.plan)) as PlanSnapshot;
  const writes = plan.entries.flatMap((entry) =>
    entry.manifest === undefined ? [] : { ...entry, manifest: entry.manifest },
  );
  const written: Record<string, Version> = {};
  const problems: Problem[] = [];
  let before = 0;
  try {
    for (const tier of inTiers(writes)) {
      run.signal.throwIfAborted();
      const manifests = tier.map(({ manifest }) => manifest);
      const offset = before;
      const results = await store.applyMany(manifests, {
        fieldManager: context.fieldManager,
        as: context.identity,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(`${offset + done} of ${writes.length}`);
        },
      });
      for (const [index, result] of results.entries()) {
        const entry = tier[index];
        if (entry === undefined) continue;
        const outcome = result.ok ? result : await takeOver(ports, context, entry, result.error);
        if (outcome.ok && outcome.object !== undefined)
          written[refKey(entry.ref)] = versionOf(outcome.object);
        else if (!outcome.ok) problems.push(problemOf(entry, outcome.error));
      }
      before += tier.length;
      if (problems.length > 0) break;
    }
  } finally {
    // Whatever was written must be known to the way back, also when this attempt ends here.
    await snapshots.write(context.rollout, parts.ledger, { written } satisfies Ledger);
  }
  if (problems.length > 0) {
    await reportProblems(store, context.rollout, problems);
    throw firstFailure(problems);
  }
  return { applied: Object.keys(written).length };
}

/**
 * Fields that another manager set: another source's are a named problem; anything else (kubectl, a portal) is
 * taken over, since git is what the object is declared in, and an Event says so.
 */
async function takeOver(
  { store, events }: Ports,
  { fieldManager, identity }: RolloutContext,
  entry: PlannedEntry,
  error: Error,
): Promise<{ ok: true; object: KubeObject | undefined } | { ok: false; error: Error }> {
  if (errorCode(error) !== 'KUBERNETES_CONFLICT' || entry.manifest === undefined) return { ok: false, error };
  const otherSource = /conflict with "(samband\.dev\/[^"]+)"/.exec(error.message)?.[1];
  if (otherSource !== undefined && otherSource !== fieldManager) {
    return {
      ok: false,
      error: new SambandError(
        'CONFLICT',
        `is declared by another source too: ${otherSource.slice('samband.dev/'.length)}`,
      ),
    };
  }
  try {
    const object = await store.apply(entry.manifest, { fieldManager, as: identity, force: true });
    await events.record(
      object,
      'Normal',
      'FieldsTakenOver',
      `fields set by others are taken over by git: ${error.message}`.slice(0, 1_000),
    );
    return { ok: true, object };
  } catch (forced) {
    return { ok: false, error: forced instanceof Error ? forced : new Error('unknown failure') };
  }
}

function problemOf(entry: PlannedEntry, error: Error): Problem {
  return {
    file: entry.file,
    line: entry.line,
    resource: describeRef(entry.ref),
    code: errorCode(error) ?? 'INTERNAL',
    message: error.message,
  };
}

function firstFailure(problems: readonly Problem[]): SambandError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const code = errorCode({ code: first?.code }) ?? 'INTERNAL';
  return new SambandError(code, `${first?.resource ?? ''}: ${first?.message ?? ''}${more}`);
}

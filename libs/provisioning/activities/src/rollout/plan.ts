import {
  classOfProblems,
  isInventoried,
  judgeQuota,
  ownerOf,
  type ParsedFiles,
  planChanges,
  sortProblems,
  validateDocuments,
  type ManifestDocument,
  type Owner,
  type PlanEntry,
  type PlanInput,
  type Problem,
  type RolloutPlan,
} from '@samband/gitops';
import {
  describeRef,
  driftModeOf,
  findCondition,
  gitSourceSettings,
  keyOf,
  MAX_PLAN_ENTRIES,
  refKey,
  refOf,
  type Condition,
  type KubeObject,
} from '@samband/resources';
import type { EntityRef, PlanOutcome } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { beforeOf } from './before.js';
import { removalsAtRisk } from './at-risk.js';
import { tryOut } from './dry-run.js';
import { completeInventory, tellStrangers } from './complete-inventory.js';
import { SourceInventory } from './inventory.js';
import { madeOf } from './made.js';
import { readLastGood, readLive, type LastGood } from './live.js';
import { parts, versionOf, type PlannedEntry, type PlanSnapshot, type TreeSnapshot } from './model.js';
import { judgeOwnRights } from './own-rights.js';
import { findMissingBundles } from './missing-bundles.js';
import { parseInTurns } from './parse-in-turns.js';
import { judgeConfirmation } from './confirmation.js';
import { problemFields, warningFields } from './problems.js';
import { readContext, sourceRef, type RolloutContext } from './refs.js';

/**
 * Judges the whole commit at once: texts, schemas, references, quota, other owners, and what the API server
 * says of it. Nothing is changed. Writes plan or problems into the status, the rest into snapshots.
 */
export async function planRollout(
  ports: Ports,
  known: ParsedFiles,
  ref: EntityRef,
  run: Running,
): Promise<PlanOutcome> {
  const context = await readContext(ports.store, ref);
  const snapshots = new Snapshots(ports.store);
  const tree = (await snapshots.read(context.rollout, parts.tree)) as TreeSnapshot;
  run.beat('parsing');
  // Before this commit's files take the place of those before them among the known ones.
  const lastGood = await readLastGood(ports, context.source, { except: ref.name, known });
  const parsed = await parseInTurns(tree.files, { defaultNamespace: ref.namespace, known });
  const owner = { source: context.rollout.spec.source, sourceNamespace: ref.namespace };
  const problems = [...tree.problems, ...parsed.problems];
  const kept = await SourceInventory.read(ports.store, context.source);
  const refs = [...kept.refs(), ...lastGood.entries.map((entry) => entry.ref), ...lastGood.leftBehind];
  const live = await readLive(ports, context, parsed.documents, refs, problems);
  run.beat('judging');
  const { prune } = gitSourceSettings(context.source.spec);
  const { inventory, strangers } = await completeInventory(ports, context, kept, {
    documents: parsed.documents,
    live,
    lastGood,
    owner,
  });
  const input = { documents: parsed.documents, live, lastGood: lastGood.entries, inventory, owner, prune };
  const validation = validateDocuments(parsed.documents, input);
  const warnings = sortProblems([...parsed.warnings, ...validation.warnings]);
  const sourceExists = await findSources(ports, live);
  const plan = planChanges({ ...input, sourceExists, isLeft: whatIsLeft(context), sha256: ports.sha256 });
  // One by one: as arguments of one call there may be more of them than the stack holds.
  for (const problem of [...beyondRights(validation.problems, problems), ...plan.problems])
    problems.push(problem);
  if (problems.length === 0)
    problems.push(...(await findMissingBundles(ports, parsed.documents, ref.namespace)));
  if (problems.length === 0) problems.push(...judgeQuota(parsed.documents, validation.end));
  problems.push(...(await tryOut(ports, context, plan, parsed.documents, problems, run)));
  if (problems.length === 0) problems.push(...(await judgeOwnRights(ports, context, plan)));
  const summary = {
    digest: plan.digest,
    add: plan.add,
    change: plan.change,
    remove: plan.remove,
    unchanged: plan.unchanged,
  };
  await ports.store.patchStatus({
    ref: refOf(context.rollout),
    status: {
      ...problemFields(sortProblems(problems)),
      ...warningFields(warnings),
      plan: { ...summary, entries: listed(plan, parsed.documents) },
      ...(lastGood.rollout === undefined ? {} : { replaces: lastGood.rollout }),
    },
  });
  if (problems.length > 0) return { kind: 'refused', failure: refusal(problems) };
  await warn(ports, context, warnings);
  if (prune) await tellStrangers(ports, context, strangers);
  const countAt = await noteRemovals(ports, snapshots, context, plan);
  const message = await judgeConfirmation(ports, context, plan);
  if (message !== undefined) return { kind: 'unconfirmed', summary, message, ...countAt };
  await snapshots.write(context.rollout, parts.plan, planOf(plan, input, lastGood));
  return { kind: 'planned', summary, ...countAt };
}

/** Where messages of what is removed can be counted: only there can their brokers be asked. */
async function noteRemovals(
  ports: Ports,
  snapshots: Snapshots,
  { rollout }: RolloutContext,
  plan: RolloutPlan,
): Promise<{ countAt?: readonly string[] }> {
  const removals = await removalsAtRisk(ports, plan);
  if (removals.length === 0) return {};
  await snapshots.write(rollout, parts.removals, removals);
  return { countAt: [...new Set(removals.map(({ hostId }) => hostId))] };
}

/** What puts back changes made by hand leaves those that are only to be told of, or to be left. */
function whatIsLeft({ rollout, source }: RolloutContext): (declared: KubeObject) => boolean {
  if (madeOf(rollout).cause !== 'drift') return () => false;
  const { drift } = gitSourceSettings(source.spec);
  return (declared) => driftModeOf(declared, drift) !== 'heal';
}

/** Of what the service account may not see nothing can be said to be missing. */
function beyondRights(found: readonly Problem[], before: readonly Problem[]): Problem[] {
  const hidden = new Set(before.filter(({ code }) => code === 'FORBIDDEN').map(({ resource }) => resource));
  return found.filter((one) => !hidden.has(one.resource) || classOfProblems([one]) !== 'missing');
}

/** Which sources that claim objects still exist: one that left its objects behind binds nobody. */
async function findSources(
  { store }: Ports,
  live: ReadonlyMap<string, KubeObject>,
): Promise<(owner: Owner) => boolean> {
  const idOf = ({ sourceNamespace, source }: Owner): string => `${sourceNamespace}/${source}`;
  const claims = new Map(
    [...live.values()].flatMap((object) => {
      const owner = ownerOf(object);
      return owner === undefined ? [] : [[idOf(owner), owner] as const];
    }),
  );
  const existing = new Set<string>();
  for (const [key, { sourceNamespace, source }] of claims) {
    const found = await store.get(sourceRef({ namespace: sourceNamespace, name: source }));
    if (found !== undefined) existing.add(key);
  }
  return (owner) => existing.has(idOf(owner));
}

function planOf(
  plan: RolloutPlan,
  { live, inventory }: Pick<PlanInput, 'live' | 'inventory'>,
  lastGood: LastGood,
): PlanSnapshot {
  const entries = plan.entries.flatMap((entry): PlannedEntry[] => {
    if (entry.action === 'unchanged') return [];
    const key = refKey(entry.ref);
    const now = live.get(key);
    const isOwn = now !== undefined && isInventoried(inventory, key, now);
    const common = {
      action: entry.action,
      ref: entry.ref,
      wasReady: isReady(now),
      ...(isOwn ? { isInventoried: true as const } : {}),
      ...(now === undefined ? {} : { seen: versionOf(now) }),
    };
    if (entry.action === 'remove') return [{ ...common, file: '', line: 0 }];
    const applied = lastGood.manifests.get(key);
    const before = now === undefined ? undefined : beforeOf(now, applied, entry.manifest);
    return [
      {
        ...common,
        file: entry.file,
        line: entry.line,
        manifest: entry.manifest,
        ...(before === undefined ? {} : { before }),
      },
    ];
  });
  return { digest: plan.digest, entries };
}

function isReady(object: KubeObject | undefined): boolean {
  const status = object?.['status'] as { conditions?: Condition[] } | undefined;
  return findCondition(status?.conditions, 'Ready')?.status === 'True';
}

function listed(plan: RolloutPlan, documents: readonly ManifestDocument[]): object[] {
  const places = new Map(documents.map((document) => [keyOf(document.object), document]));
  return plan.entries
    .filter((entry): entry is Exclude<PlanEntry, { action: 'unchanged' }> => entry.action !== 'unchanged')
    .slice(0, MAX_PLAN_ENTRIES)
    .map(({ action, ref }) => {
      const place = places.get(refKey(ref));
      return {
        action,
        resource: describeRef(ref),
        ...(place === undefined ? {} : { file: place.file, line: place.line }),
      };
    });
}

function refusal(problems: readonly Problem[]): { code: string; message: string; retry: 'never' | 'later' } {
  const [first] = problems;
  const place = first === undefined || first.file === '' ? '' : `${first.file}:${first.line}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more, see status.problems)` : '';
  return {
    code: 'ROLLOUT_REFUSED',
    message: `${place}${first?.message ?? ''}${more}`,
    // What is missing may come without a new commit; it is planned again at each interval.
    retry: classOfProblems(problems) === 'missing' ? 'later' : 'never',
  };
}

async function warn(
  { events }: Ports,
  { rollout }: RolloutContext,
  warnings: readonly Problem[],
): Promise<void> {
  for (const { file, line, code, message } of warnings.slice(0, 20)) {
    await events.record(rollout, 'Warning', code, `${file}:${line}: ${message}`);
  }
}

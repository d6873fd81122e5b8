import { setImmediate as turn } from 'node:timers/promises';
import { errorCode } from '@samband/errors';
import {
  changedBy,
  differenceOf,
  isInventoried,
  withoutRewritten,
  type Difference,
  type Inventory,
  type ParsedFiles,
} from '@samband/gitops';
import {
  driftModeOf,
  gitSourceSettings,
  ourKind,
  refKey,
  refOf,
  serviceAccountUser,
  type DriftMode,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type Rollout,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { SourceInventory } from '../rollout/inventory.js';
import { readLastGood } from '../rollout/live.js';
import { parts, type PlanSnapshot } from '../rollout/model.js';
import { managerOf, readerOf } from '../rollout/refs.js';
import { Snapshots } from '../snapshots.js';
import type { DriftWatch, Suspect, Watched } from './drift-watch.js';
import { committedAt, newestFirst } from './rollout-view.js';

/** An object that is no longer as the commit in force declares it. */
export interface Drifted {
  readonly ref: ObjectRef;
  /** `hidden`: the service account may no longer read it. */
  readonly difference: Difference | { readonly kind: 'hidden'; readonly why: string };
  readonly mode: Exclude<DriftMode, 'ignore'>;
  /** Field manager that changed it, where that can be told. */
  readonly by?: string;
}

export interface Drift {
  /** The commit that is in force. */
  readonly commit: string;
  readonly objects: readonly Drifted[];
}

/** Objects of kinds that nobody watches are looked at this often, */
const secondsBetweenReads = 30;
/** and by looks that come for something else not much more often. */
const readEveryMs = 20_000;
/** So many are asked of the API server itself: a watch may lag, and drops who manages which field. */
const confirmedAtMost = 20;
/** Beyond, a plan is as long as the commit itself. */
const smallPlan = 500;
/** Objects that are read at once. */
const readAtOnce = 16;
/** Objects judged before others have their turn. */
const judgedAtOnce = 500;

/**
 * What of the last good commit is no longer as it declares: looks at what was changed since the last look, and at all of it
 * once in the life of a worker. Only asked while no rollout of the source runs.
 */
export async function findDrift(
  ports: Ports,
  { watch, known }: { readonly watch: DriftWatch; readonly known: ParsedFiles },
  source: GitSource,
  rollouts: readonly Rollout[],
  run: Running,
): Promise<Drift | undefined> {
  const good = newestFirst(rollouts).find((rollout) => committedAt(rollout) !== undefined);
  if (good === undefined) return undefined;
  const { namespace = '', name, uid } = source.metadata;
  const watched = watch.of({ namespace, name }, uid);
  const taken = watched.suspects;
  watched.suspects = new Map();
  try {
    const objects = await new Search(ports, known, source, good, watched, run).find(taken);
    for (const { ref } of objects) watched.add({ ref, wasDeleted: true });
    return objects.length === 0 ? undefined : { commit: good.spec.commit, objects };
  } catch (error) {
    // What was looked at and what was not is not known: all of it is looked at again.
    watched.rollout = undefined;
    throw error;
  }
}

/** Seconds until objects that nobody watches are to be looked at again; without any, never. */
export function nextReadIn(watch: DriftWatch, { metadata }: GitSource): number {
  const { namespace = '', name, uid } = metadata;
  return watch.of({ namespace, name }, uid).others.size === 0 ? Infinity : secondsBetweenReads;
}

class Search {
  private readonly identity: string;
  private readonly manager: string;
  private readonly manifests = new Map<string, KubeObject>();
  /** What the newest rollout removed: nobody has to read the whole commit to know that it does not declare it. */
  private readonly removed = new Set<string>();
  private isWhole = false;
  private inventory: Promise<Inventory | undefined> | undefined;

  constructor(
    private readonly ports: Ports,
    private readonly known: ParsedFiles,
    private readonly source: GitSource,
    private readonly good: Rollout,
    private readonly watched: Watched,
    private readonly run: Running,
  ) {
    const { namespace = '', name } = source.metadata;
    this.identity = serviceAccountUser(namespace, source.spec.serviceAccountName);
    this.manager = managerOf({ namespace, name });
  }

  async find(taken: ReadonlyMap<string, Suspect>): Promise<Drifted[]> {
    const suspects = new Map(taken);
    await this.follow(suspects);
    const read = await this.readOthers(suspects);
    const found: Drifted[] = [];
    let judged = 0;
    for (const [key, suspect] of suspects) {
      judged += 1;
      if (judged % judgedAtOnce === 0) await turn();
      const drifted = await this.judge(key, suspect, read.get(key), found.length < confirmedAtMost);
      if (drifted !== undefined) found.push(drifted);
    }
    return found;
  }

  /** Makes what is watched that of the commit that is in force now. */
  private async follow(suspects: Map<string, Suspect>): Promise<void> {
    const { watched, good } = this;
    if (watched.rollout === good.metadata.name) return;
    const isNext = watched.rollout !== undefined && watched.rollout === good.status?.replaces;
    if (!(isNext && (await this.followPlan()))) {
      await this.readWhole();
      watched.others = new Map();
      for (const [key, manifest] of this.manifests) {
        const ref = refOf(manifest);
        if (!isWatched(ref)) watched.others.set(key, ref);
        else if (watched.rollout === undefined) suspects.set(key, { ref, wasDeleted: true });
      }
    }
    watched.readAt = -Infinity;
    watched.rollout = good.metadata.name;
  }

  /** What a rollout left unchanged was judged when it was planned; what was changed since is known. */
  private async followPlan(): Promise<boolean> {
    const { add = 0, change = 0, remove = 0 } = this.good.status?.plan ?? {};
    if (add + change + remove > smallPlan) return false;
    const plan = (await new Snapshots(this.ports.store).readIfThere(this.good, parts.plan)) as
      PlanSnapshot | undefined;
    for (const { ref, manifest } of plan?.entries ?? []) {
      const key = refKey(ref);
      if (manifest === undefined) {
        this.removed.add(key);
        this.watched.others.delete(key);
        continue;
      }
      this.manifests.set(key, manifest);
      if (!isWatched(ref)) this.watched.others.set(key, ref);
    }
    return plan !== undefined;
  }

  private async readWhole(): Promise<void> {
    if (this.isWhole) return;
    const { manifests } = await readLastGood(this.ports, this.source, { known: this.known });
    for (const [key, manifest] of manifests) this.manifests.set(key, manifest);
    this.isWhole = true;
  }

  /** Those whose version is another than that which was found fine become suspects. */
  private async readOthers(suspects: Map<string, Suspect>): Promise<Map<string, Seen>> {
    const { watched } = this;
    const read = new Map<string, Seen>();
    const now = this.ports.steadyNow().getTime();
    const isDue = now - watched.readAt >= readEveryMs;
    if (isDue) watched.readAt = now;
    const due = [...watched.others].filter(([key]) => isDue || suspects.has(key));
    for (let at = 0; at < due.length; at += readAtOnce) {
      this.run.signal.throwIfAborted();
      const batch = due.slice(at, at + readAtOnce);
      const seen = await Promise.all(batch.map(([, ref]) => this.look(ref)));
      for (const [index, [key, ref]] of batch.entries()) {
        const one = seen[index] ?? { live: undefined };
        read.set(key, one);
        const isFine = one.live !== undefined && watched.fine.get(key) === versionOf(one.live);
        if (isFine) suspects.delete(key);
        else suspects.set(key, { ref, wasDeleted: true });
      }
    }
    return read;
  }

  private async judge(
    key: string,
    { ref, wasDeleted }: Suspect,
    seen: Seen | undefined,
    isConfirmed: boolean,
  ): Promise<Drifted | undefined> {
    if (this.removed.has(key)) return undefined;
    if (!this.manifests.has(key)) await this.readWhole();
    const manifest = this.manifests.get(key);
    const mode =
      manifest === undefined ? 'ignore' : driftModeOf(manifest, gitSourceSettings(this.source.spec).drift);
    if (manifest === undefined || mode === 'ignore') return undefined;
    const first = seen ?? { live: this.ports.view.get(ref) };
    if ((await this.difference(manifest, first, key, wasDeleted)) === undefined) {
      this.noteFine(key, seen);
      return undefined;
    }
    const again = seen === undefined && isConfirmed ? await this.look(ref) : first;
    const difference = await this.difference(manifest, again, key, wasDeleted);
    if (difference === undefined) {
      this.noteFine(key, seen);
      return undefined;
    }
    const by = difference.kind === 'changed' ? this.whoChanged(again.live, difference) : undefined;
    return { ref, difference, mode, ...(by === undefined ? {} : { by }) };
  }

  private noteFine(key: string, seen: Seen | undefined): void {
    if (seen?.live !== undefined) this.watched.fine.set(key, versionOf(seen.live));
  }

  private async difference(
    manifest: KubeObject,
    { live, hidden }: Seen,
    key: string,
    wasDeleted: boolean,
  ): Promise<Drifted['difference'] | undefined> {
    if (hidden !== undefined) return { kind: 'hidden', why: hidden };
    const found = differenceOf(manifest, live);
    const difference = found === undefined ? undefined : withoutRewritten(found, live, this.manager);
    if (difference !== undefined || live === undefined || !wasDeleted) return difference;
    const inventory = await this.readInventory();
    const isOwn = inventory === undefined || !inventory.has(key) || isInventoried(inventory, key, live);
    return isOwn ? undefined : { kind: 'changed', fields: [['metadata', 'uid']] };
  }

  private whoChanged(
    live: KubeObject | undefined,
    { fields }: Difference & { kind: 'changed' },
  ): string | undefined {
    const [first] = fields;
    return live === undefined || first === undefined ? undefined : changedBy(this.manager, live, first);
  }

  private async readInventory(): Promise<Inventory | undefined> {
    this.inventory ??= SourceInventory.read(this.ports.store, this.source).then((kept) =>
      kept.isKept ? kept.uids : undefined,
    );
    return this.inventory;
  }

  private async look(ref: ObjectRef): Promise<Seen> {
    try {
      return { live: await this.ports.store.get(ref, readerOf(ref, this.identity)) };
    } catch (error) {
      const code = errorCode(error);
      // Without its definition there is nothing of the kind.
      if (code === 'KUBERNETES_UNKNOWN_KIND') return { live: undefined };
      if (code !== 'KUBERNETES_FORBIDDEN') throw error;
      return { live: undefined, hidden: error instanceof Error ? error.message : '' };
    }
  }
}

interface Seen {
  readonly live: KubeObject | undefined;
  /** Why it cannot be seen. */
  readonly hidden?: string;
}

function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid ?? ''} ${metadata.resourceVersion ?? ''}`;
}

/** Whether the worker's watch holds the kind. */
function isWatched(ref: ObjectRef): boolean {
  const kind = ourKind(ref)?.kind;
  return kind !== undefined && kind !== 'AddressSpaceSchema';
}

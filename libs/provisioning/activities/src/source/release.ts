import { errorCode } from '@samband/errors';
import { isAppliedBy, isInventoried, isSameOwner, ownerOf, sortForRemoval } from '@samband/gitops';
import {
  describeRef,
  finalizers,
  gitSourceSettings,
  kindNames,
  kindRef,
  labels,
  ourKind,
  refKey,
  refOf,
  serviceAccountUser,
  type GitSource,
  type KindName,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { SourceInventory } from '../rollout/inventory.js';
import { readLastGood } from '../rollout/live.js';
import { managerOf, sourceRef } from '../rollout/refs.js';
import { removeJudged } from '../rollout/remove-judged.js';
import { inTiers } from '../rollout/tiers.js';

/**
 * A source that is deleted takes its objects with it when it prunes: what its rollouts
 * applied and nobody else has claimed since. As the service account; what it may not see or delete stays, and an
 * Event says so. Idempotent.
 */
export async function releaseSource(ports: Ports, ref: EntityRef, run: Running): Promise<void> {
  const source = (await ports.store.get(sourceRef(ref))) as GitSource | undefined;
  // One that was made again under the same name is no longer the one that was to go.
  if (source?.metadata.deletionTimestamp === undefined) return;
  if (gitSourceSettings(source.spec).prune) await removeObjects(ports, ref, source, run);
  try {
    await ports.store.patch(
      sourceRef(ref),
      {
        metadata: {
          finalizers: (source.metadata.finalizers ?? []).filter((name) => name !== finalizers.gitSource),
          resourceVersion: source.metadata.resourceVersion,
        },
      },
      { fieldManager: 'samband-metadata' },
    );
  } catch (error) {
    if (errorCode(error) !== 'NOT_FOUND') throw error;
  }
}

interface Owned {
  readonly ref: ObjectRef;
  readonly live: KubeObject;
}

async function removeObjects(ports: Ports, ref: EntityRef, source: GitSource, run: Running): Promise<void> {
  const as = serviceAccountUser(ref.namespace, source.spec.serviceAccountName);
  const own = await whatIsOwn(ports, source);
  const owned = [...(await ownOfOurs(ports, ref, own)), ...(await ownOfOthers(ports, source, own, as, run))];
  for (const tier of inTiers(sortForRemoval(owned))) {
    const results = await removeJudged(
      ports,
      tier.map(({ live }) => live),
      {
        as,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(String(done));
        },
      },
      own.has,
    );
    for (const [index, result] of results.entries()) {
      if (!(result instanceof Error)) continue;
      const code = errorCode(result);
      if (code === 'KUBERNETES_UNKNOWN_KIND') continue;
      if (code !== 'KUBERNETES_FORBIDDEN') throw result;
      const kept = tier[index];
      await tellKept(ports, source, kept?.ref, result.message);
    }
  }
}

/** A Rollout tells of its source in the same labels, a ParkedSpace is of no source; schemas the worker reads by name only. */
const listed: ReadonlySet<KindName> = new Set(
  kindNames.filter((kind) => !['Rollout', 'ParkedSpace', 'AddressSpaceSchema'].includes(kind)),
);

/** What rollouts of the source applied. */
interface Own {
  /** Of kinds that nobody watches. */
  readonly others: readonly ObjectRef[];
  /** What carries the labels of the source alone may be anybody's: a copy, or what was made anew since. */
  readonly has: (object: KubeObject) => boolean;
}

async function whatIsOwn(ports: Ports, source: GitSource): Promise<Own> {
  const { namespace = '', name } = source.metadata;
  const owner = { source: name, sourceNamespace: namespace };
  const kept = await SourceInventory.read(ports.store, source);
  const { manifests, leftBehind } = await readLastGood(ports, source);
  const { uids } = kept;
  const refs = [...kept.refs(), ...[...manifests.values()].map(refOf), ...leftBehind];
  const others = refs.filter((ref) => !isListed(ref));
  return {
    others: [...new Map(others.map((ref) => [refKey(ref), ref])).values()],
    has: (object) => {
      const key = refKey(refOf(object));
      if (!isSameOwner(ownerOf(object), owner)) return false;
      if (uids.has(key)) return isInventoried(uids, key, object);
      // Nothing is noted: of a release that noted nothing, or by a worker that died before it could.
      const isMeant = !kept.isKept || manifests.has(key);
      return isMeant && isAppliedBy(managerOf({ namespace, name }), object);
    },
  };
}

function isListed(ref: ObjectRef): boolean {
  const kind = ourKind(ref)?.kind;
  return kind !== undefined && listed.has(kind);
}

/** Asked of the API server itself: what a watch that lags has not told of would stay for good. */
async function ownOfOurs({ store }: Ports, ref: EntityRef, own: Own): Promise<Owned[]> {
  const labelSelector = `${labels.source}=${ref.name},${labels.sourceNamespace}=${ref.namespace}`;
  const lists = await Promise.all([...listed].map((kind) => store.list(kindRef(kind), { labelSelector })));
  return lists.flatMap(({ items }) => items).flatMap((object) => (own.has(object) ? [ownedOf(object)] : []));
}

async function ownOfOthers(
  ports: Ports,
  source: GitSource,
  own: Own,
  as: string,
  run: Running,
): Promise<Owned[]> {
  const found: Owned[] = [];
  for (const ref of own.others) {
    run.signal.throwIfAborted();
    run.beat(refKey(ref));
    try {
      const live = await ports.store.get(ref, { as });
      if (live !== undefined && own.has(live)) found.push(ownedOf(live));
    } catch (error) {
      // Without its definition there is nothing of the kind.
      if (errorCode(error) === 'KUBERNETES_UNKNOWN_KIND') continue;
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      await tellKept(ports, source, ref, error instanceof Error ? error.message : '');
    }
  }
  return found;
}

function ownedOf(object: KubeObject): Owned {
  return { ref: refOf(object), live: object };
}

async function tellKept(
  { events }: Ports,
  source: GitSource,
  ref: ObjectRef | undefined,
  why: string,
): Promise<void> {
  const what = ref === undefined ? 'an object' : describeRef(ref);
  await events.record(source, 'Warning', 'ObjectKept', `${what} stays: ${why}`);
}

import { errorCode } from '@samband/errors';
import { isSameOwner, ownerOf, sortForRemoval, type Owner } from '@samband/gitops';
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
import { readLastGood } from '../rollout/live.js';
import { sourceRef } from '../rollout/refs.js';
import { inTiers } from '../rollout/tiers.js';

/**
 * A source that is deleted takes its objects with it when it prunes: what carries its labels, of our kinds and
 * of what its last good commit declared. As the service account; what it may not see or delete stays, and an
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
  readonly uid: string;
}

async function removeObjects(ports: Ports, ref: EntityRef, source: GitSource, run: Running): Promise<void> {
  const as = serviceAccountUser(ref.namespace, source.spec.serviceAccountName);
  const owned = [...(await ownOfOurs(ports, ref)), ...(await ownOfOthers(ports, source, as, run))];
  for (const tier of inTiers(sortForRemoval(owned))) {
    const results = await ports.store.deleteMany(
      tier.map(({ ref: of, uid }) => ({ ...of, uid })),
      {
        as,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(String(done));
        },
      },
    );
    for (const [index, result] of results.entries()) {
      if (result.ok) continue;
      const code = errorCode(result.error);
      if (code === 'KUBERNETES_UNKNOWN_KIND') continue;
      if (code !== 'KUBERNETES_FORBIDDEN') throw result.error;
      const kept = tier[index];
      await tellKept(ports, source, kept?.ref, result.error.message);
    }
  }
}

/** A Rollout tells of its source in the same labels; schemas the worker reads by name only. */
const listed: ReadonlySet<KindName> = new Set(
  kindNames.filter((kind) => kind !== 'Rollout' && kind !== 'AddressSpaceSchema'),
);

/** Asked of the API server itself: what a watch that lags has not told of would stay for good. */
async function ownOfOurs({ store }: Ports, ref: EntityRef): Promise<Owned[]> {
  const owner = { source: ref.name, sourceNamespace: ref.namespace };
  const labelSelector = `${labels.source}=${ref.name},${labels.sourceNamespace}=${ref.namespace}`;
  const lists = await Promise.all([...listed].map((kind) => store.list(kindRef(kind), { labelSelector })));
  return lists.flatMap(({ items }) => items).flatMap((object) => ownedBy(owner, object));
}

/** Names alone prove nothing: somebody may have made another object of that name since, or taken this one over. */
async function ownOfOthers(ports: Ports, source: GitSource, as: string, run: Running): Promise<Owned[]> {
  const { namespace = '', name } = source.metadata;
  const { entries, leftBehind } = await readLastGood(ports, source);
  const found: Owned[] = [];
  for (const ref of [...entries.map((entry) => entry.ref), ...leftBehind]) {
    const kind = ourKind(ref)?.kind;
    if (kind !== undefined && listed.has(kind)) continue;
    run.signal.throwIfAborted();
    run.beat(refKey(ref));
    try {
      const live = await ports.store.get(ref, { as });
      if (live !== undefined) found.push(...ownedBy({ source: name, sourceNamespace: namespace }, live));
    } catch (error) {
      // Without its definition there is nothing of the kind.
      if (errorCode(error) === 'KUBERNETES_UNKNOWN_KIND') continue;
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      await tellKept(ports, source, ref, error instanceof Error ? error.message : '');
    }
  }
  return found;
}

function ownedBy(owner: Owner, object: KubeObject): Owned[] {
  if (!isSameOwner(ownerOf(object), owner)) return [];
  return [{ ref: refOf(object), uid: object.metadata.uid ?? '' }];
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

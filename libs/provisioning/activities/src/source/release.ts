import { errorCode } from '@samband/errors';
import { isSameOwner, ownerOf, sortForRemoval } from '@samband/gitops';
import {
  finalizers,
  gitSourceSettings,
  kindNames,
  kindRef,
  refKey,
  refOf,
  serviceAccountUser,
  type GitSource,
  type ObjectRef,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { readLastGood } from '../rollout/live.js';
import { sourceRef } from '../rollout/refs.js';
import { inTiers } from '../rollout/tiers.js';

/**
 * A source that is deleted takes its objects with it when it prunes: what its last good commit declared and
 * what carries its labels. As the service account; what it may not delete stays, and an Event says so.
 */
export async function releaseSource(ports: Ports, ref: EntityRef, run: Running): Promise<void> {
  const source = (await ports.store.get(sourceRef(ref))) as GitSource | undefined;
  if (source === undefined) return;
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

async function removeObjects(ports: Ports, ref: EntityRef, source: GitSource, run: Running): Promise<void> {
  const owner = { source: ref.name, sourceNamespace: ref.namespace };
  const owned = new Map<string, { ref: ObjectRef }>();
  for (const { ref: declared } of (await readLastGood(ports, source, '')).entries)
    owned.set(refKey(declared), { ref: declared });
  for (const kind of kindNames) {
    if (kind === 'Rollout') continue;
    for (const object of ports.view.list(kindRef(kind))) {
      const key = refKey(refOf(object));
      if (isSameOwner(ownerOf(object), owner)) owned.set(key, { ref: refOf(object) });
      else owned.delete(key);
    }
  }
  const as = serviceAccountUser(ref.namespace, source.spec.serviceAccountName);
  for (const tier of inTiers(sortForRemoval([...owned.values()]))) {
    const results = await ports.store.deleteMany(
      tier.map((item) => item.ref),
      {
        as,
        signal: run.signal,
        onProgress: (done) => {
          run.beat(String(done));
        },
      },
    );
    for (const result of results) {
      if (result.ok) continue;
      if (errorCode(result.error) !== 'KUBERNETES_FORBIDDEN') throw result.error;
      await ports.events.record(source, 'Warning', 'ObjectKept', result.error.message);
    }
  }
}

import { errorCode } from '@samband/errors';
import { refOf, type BulkOptions, type KubeObject, type ObjectRef } from '@samband/resources';
import type { Ports } from '../ports.js';
import { judgedAgain, readerOf } from './refs.js';

export type Removed = 'removed' | 'left' | Error;

/**
 * Removes objects as they were judged: one that was written since is judged again, and removed as it is then. Whoever
 * edits an object between judgement and removal keeps it.
 * @param mayGo judges an object that was written meanwhile, as it is now
 * @returns what became of each, in their order
 */
export async function removeJudged(
  { store }: Pick<Ports, 'store'>,
  objects: readonly KubeObject[],
  { as, ...bulk }: BulkOptions & { readonly as: string },
  mayGo: (now: KubeObject, index: number) => boolean,
): Promise<Removed[]> {
  const outcomes: Removed[] = objects.map(() => 'removed');
  let open = objects.map((object, index) => ({ object, index }));
  for (let round = 0; open.length > 0; round += 1) {
    const results = await store.deleteMany(
      open.map(({ object }) => preconditioned(object)),
      { as, ...bulk },
    );
    const stale: typeof open = [];
    for (const [at, result] of results.entries()) {
      const one = open[at];
      if (one === undefined || result.ok) continue;
      outcomes[one.index] = result.error;
      if (errorCode(result.error) !== 'KUBERNETES_CONFLICT' || round >= judgedAgain) continue;
      const now = await store.get(refOf(one.object), readerOf(refOf(one.object), as));
      if (now === undefined || now.metadata.uid !== one.object.metadata.uid) outcomes[one.index] = 'removed';
      else if (!mayGo(now, one.index)) outcomes[one.index] = 'left';
      else {
        outcomes[one.index] = 'removed';
        stale.push({ object: now, index: one.index });
      }
    }
    open = stale;
  }
  return outcomes;
}

function preconditioned(object: KubeObject): ObjectRef & { uid?: string; resourceVersion?: string } {
  const { uid, resourceVersion } = object.metadata;
  return {
    ...refOf(object),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

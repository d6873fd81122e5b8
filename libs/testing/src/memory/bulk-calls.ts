import { toSambandError } from '@samband/errors';
import type {
  BulkOptions,
  BulkResult,
  DeleteOptions,
  KubeObject,
  ResourceStore,
  StatusOutcome,
  StatusWrite,
} from '@samband/resources';

type Single = Pick<ResourceStore, 'apply' | 'patchStatus' | 'delete'>;
type Bulk = Pick<ResourceStore, 'applyMany' | 'patchStatusMany' | 'deleteMany'>;

/** A failure that ends a process: no call survives it, and no bulk call turns it into a result. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The calls about many objects, made of those about one, one after the other. */
export function bulkCalls(single: Single): Bulk {
  return {
    applyMany: (objects, options) =>
      eachOf(
        objects,
        async (object: KubeObject, index) => {
          const applied = await single.apply(object, options);
          options.onApplied?.(applied, index);
          return applied;
        },
        options,
      ),
    deleteMany: (refs, options = {}) =>
      eachOf(
        refs,
        async ({ uid, resourceVersion, ...ref }: (typeof refs)[number]) => {
          const given: DeleteOptions = {
            ...options,
            ...(uid === undefined ? {} : { uid }),
            ...(resourceVersion === undefined ? {} : { resourceVersion }),
          };
          await single.delete(ref, given);
          return undefined;
        },
        options,
      ),
    async patchStatusMany(writes: readonly StatusWrite[], options: BulkOptions = {}) {
      const outcomes: StatusOutcome[] = [];
      for (const write of writes) {
        options.signal?.throwIfAborted();
        outcomes.push(await single.patchStatus(write));
        options.onProgress?.(outcomes.length);
      }
      options.signal?.throwIfAborted();
      return outcomes;
    },
  };
}

async function eachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<KubeObject | undefined>,
  { onProgress, signal }: BulkOptions,
): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for (const [index, item] of items.entries()) {
    signal?.throwIfAborted();
    try {
      results.push({ ok: true, object: await work(item, index) });
    } catch (error) {
      if (error instanceof Killed) throw error;
      results.push({ ok: false, error: toSambandError(error) });
    }
    onProgress?.(results.length);
  }
  signal?.throwIfAborted();
  return results;
}

import { SambandError } from '@samband/errors';
import { describeRef, refKey, type KubeObject, type ObjectRef } from '@samband/resources';
import { fromTree, inKeyOrder, isSame, toTree, type Tree } from './field-tree.js';
import { isSameManaged, type ManagedFields } from './managed-fields.js';
import type { KindTraits } from './served-kinds.js';

export interface Stored {
  readonly object: KubeObject;
  readonly managed: ManagedFields;
}

/** What every write of an object has in common: identity, generation, version, removal when nothing holds it. */
export class StoredObjects {
  private readonly objects = new Map<string, Stored>();
  private version = 0;
  private made = 0;

  constructor(
    private readonly now: () => Date,
    private readonly onChange: (before: KubeObject | undefined, after: KubeObject | undefined) => void,
  ) {}

  get resourceVersion(): string {
    return String(this.version);
  }

  get(ref: ObjectRef): Stored | undefined {
    return this.objects.get(refKey(ref));
  }

  all(): KubeObject[] {
    return this.stored().map(({ object }) => object);
  }

  stored(): Stored[] {
    return [...this.objects.values()];
  }

  create(
    traits: KindTraits,
    ref: ObjectRef,
    tree: Tree,
    managed: ManagedFields,
    dryRun: boolean,
  ): KubeObject {
    this.made += dryRun ? 0 : 1;
    const { metadata, ...rest } = fromTree(tree);
    if (traits.hasStatus) delete rest['status'];
    const object = inKeyOrder<KubeObject>({
      ...rest,
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: {
        ...withoutServerMetadata(metadata),
        uid: `00000000-0000-4000-8000-${String(this.made).padStart(12, '0')}`,
        creationTimestamp: seconds(this.now()),
        ...(traits.hasGeneration ? { generation: 1 } : {}),
      },
    });
    return dryRun ? object : this.put(ref, undefined, object, managed);
  }

  /**
   * Writes the desired part of an object that is there. Its status stays, nothing is written when nothing
   * changed, and an object that is being removed is gone once its last finalizer is.
   */
  update(
    traits: KindTraits,
    ref: ObjectRef,
    before: Stored,
    tree: Tree,
    managed: ManagedFields,
    dryRun: boolean,
  ): KubeObject {
    const old = before.object;
    const { metadata, ...rest } = fromTree(tree);
    const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
    if (deletionTimestamp !== undefined && addsFinalizer(old, metadata.finalizers)) {
      throw new SambandError(
        'KUBERNETES_INVALID',
        `${describeRef(ref)}: metadata.finalizers: no new finalizers can be added if the object is being deleted`,
      );
    }
    if (traits.hasStatus) delete rest['status'];
    const kept = {
      uid,
      creationTimestamp,
      deletionTimestamp,
      deletionGracePeriodSeconds,
      generation: old.metadata.generation,
      resourceVersion: old.metadata.resourceVersion,
    };
    const next = inKeyOrder<KubeObject>({
      ...rest,
      ...(traits.hasStatus && old['status'] !== undefined ? { status: old['status'] } : {}),
      apiVersion: old.apiVersion,
      kind: ref.kind,
      metadata: { ...withoutServerMetadata(metadata), ...kept } as KubeObject['metadata'],
    });
    if (isSame(next, old) && isSameManaged(managed, before.managed)) return old;
    if (traits.hasGeneration && !isSame(desiredOf(next), desiredOf(old)))
      next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (dryRun) return next;
    if (deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
      this.drop(ref, old);
      return next;
    }
    return this.put(ref, old, next, managed);
  }

  updateStatus(ref: ObjectRef, before: Stored, status: unknown): void {
    const next = inKeyOrder<KubeObject>({ ...before.object, status });
    if (isSame(next, before.object)) return;
    this.put(ref, before.object, next, before.managed);
  }

  remove(traits: KindTraits, ref: ObjectRef, { object, managed }: Stored): void {
    if ((object.metadata.finalizers ?? []).length === 0) {
      this.drop(ref, object);
      return;
    }
    if (object.metadata.deletionTimestamp !== undefined) return;
    const { generation = 0 } = object.metadata;
    const metadata = {
      ...object.metadata,
      deletionTimestamp: seconds(this.now()),
      deletionGracePeriodSeconds: 0,
      ...(traits.hasGeneration ? { generation: generation + 1 } : {}),
    };
    this.put(ref, object, inKeyOrder({ ...object, metadata }), managed);
  }

  private put(
    ref: ObjectRef,
    before: KubeObject | undefined,
    object: KubeObject,
    managed: ManagedFields,
  ): KubeObject {
    this.version += 1;
    const metadata = inKeyOrder({ ...object.metadata, resourceVersion: String(this.version) });
    const stored = frozen({ ...object, metadata });
    this.objects.set(refKey(ref), { object: stored, managed });
    this.onChange(before, stored);
    return stored;
  }

  private drop(ref: ObjectRef, before: KubeObject): void {
    this.version += 1;
    this.objects.delete(refKey(ref));
    this.onChange(before, undefined);
  }
}

/** As the fields' own trees; `status` is the business of `/status`. */
export function desiredTree(object: KubeObject, traits: KindTraits): Tree {
  const tree = toTree(object);
  if (traits.hasStatus) delete tree['status'];
  return tree;
}

function desiredOf(object: KubeObject): object {
  return Object.fromEntries(
    Object.entries(object).filter(([field]) => field !== 'metadata' && field !== 'status'),
  );
}

const serverMetadata = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

function withoutServerMetadata(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  return Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => !serverMetadata.includes(key) && !isEmpty(value)),
  ) as KubeObject['metadata'];
}

/** Empty labels, annotations and finalizers are not kept. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function addsFinalizer(before: KubeObject, after: readonly string[] = []): boolean {
  const present = before.metadata.finalizers ?? [];
  return after.some((name) => !present.includes(name));
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Views share their objects: whoever changes one shall notice. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

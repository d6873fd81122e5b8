import {
  ourKind,
  refKey,
  refOf,
  spaceOfAddress,
  type KindRef,
  type KubeObject,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';

type Index = (object: KubeObject) => string | undefined;

/** As the worker makes them: addresses and users by space. */
const indexes: Readonly<Record<string, Index>> = {
  space: ({ kind, metadata }) => {
    const space = kind === 'Address' || kind === 'MessagingUser' ? spaceOfAddress(metadata.name) : undefined;
    return space === undefined ? undefined : `${metadata.namespace ?? ''}/${space}`;
  },
};

/** Follows a memory store as a watch does, of our kinds only. It can be made to lag. */
export class MemoryView implements ResourceView {
  private readonly objects = new Map<string, KubeObject>();
  private readonly listeners = new Set<(change: ResourceChange) => void>();
  private held: ResourceChange[] | undefined;

  /** From now on nothing new is seen, until `resume`. */
  pause(): void {
    this.held ??= [];
  }

  /** Sees everything that came meanwhile, in its order. */
  resume(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const change of held) this.take(change);
  }

  /** Forgets everything, as a view does that was not filled yet. Only what changes later is seen. */
  forget(): void {
    this.objects.clear();
  }

  follow(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const object = after ?? before;
    if (object === undefined || ourKind(object) === undefined) return;
    const change = { ref: refOf(object), before, after };
    if (this.held === undefined) this.take(change);
    else this.held.push(change);
  }

  get(ref: Parameters<ResourceView['get']>[0]): KubeObject | undefined {
    return this.objects.get(refKey(ref));
  }

  list({ apiVersion, kind }: KindRef, namespace?: string): KubeObject[] {
    const group = apiVersion.split('/')[0];
    return [...this.objects.values()].filter(
      (object) =>
        object.kind === kind &&
        object.apiVersion.split('/')[0] === group &&
        (namespace === undefined || object.metadata.namespace === namespace),
    );
  }

  byIndex(index: string, key: string): KubeObject[] {
    const of = indexes[index];
    if (of === undefined) throw new Error(`the view has no index ${index}`);
    return [...this.objects.values()].filter((object) => of(object) === key);
  }

  subscribe(listener: (change: ResourceChange) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private take(change: ResourceChange): void {
    if (change.after === undefined) this.objects.delete(refKey(change.ref));
    else this.objects.set(refKey(change.ref), change.after);
    for (const listener of [...this.listeners]) listener(change);
  }
}

import { createHash } from 'node:crypto';
import type { Inventory } from '@samband/gitops';
import {
  refKey,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type ResourceStore,
} from '@samband/resources';
import { pack, unpack } from '../packed.js';
import { SnapshotSealer, type SnapshotOwner } from '../snapshot-seal.js';

/** An object that a rollout of the source applied. */
export interface InventoryItem {
  readonly ref: ObjectRef;
  readonly uid: string;
}

type Store = Pick<ResourceStore, 'get' | 'list' | 'create' | 'apply' | 'applyMany' | 'delete'>;

const secret = { apiVersion: 'v1', kind: 'Secret' } as const;
const sourceLabel = 'samband.dev/inventory-of';
const sealAnnotation = 'samband.dev/inventory-seal';
/** So many items are kept in one Secret; beyond, each Secret holds a part, so that a small commit writes a small one. */
const ITEMS_IN_ONE = 512;
const PARTS = 64;
/** What one part may unpack to. */
const maxBytes = 64 * 1024 * 1024;

/**
 * What rollouts of one source have applied and not removed since, in Secrets that are owned by the GitSource and sealed as
 * snapshots are: one that tenants wrote or changed counts as not there. An item whose object is gone does no harm: no
 * other object ever has its uid.
 */
export class SourceInventory {
  private readonly sealer: SnapshotSealer;

  private constructor(
    private readonly store: Store,
    private readonly source: GitSource,
    private readonly items: Map<string, InventoryItem>,
    /** Into how many parts what is kept is divided; 0 when nothing is kept, as of sources of earlier releases. */
    private parts: number,
    /** Names of Secrets of another division: it was being changed when a worker died. */
    private leftovers: readonly string[],
  ) {
    this.sealer = new SnapshotSealer(store);
  }

  static async read(store: Store, source: GitSource): Promise<SourceInventory> {
    const { namespace = '', name } = source.metadata;
    const { items } = await store.list(secret, { namespace, labelSelector: `${sourceLabel}=${name}` });
    const sealer = new SnapshotSealer(store);
    const read = await Promise.all(items.map((one) => readPart(sealer, source, one)));
    const found = read.filter((part) => part !== undefined);
    const parts = found.reduce((most, part) => Math.max(most, part.of), 0);
    const all = new Map<string, InventoryItem>();
    // The division that has the most parts is the newer one: its word counts.
    for (const part of found.toSorted((a, b) => a.of - b.of)) {
      for (const item of part.items) all.set(refKey(item.ref), item);
    }
    const leftovers = found.filter(({ of }) => of !== parts).map((part) => part.name);
    return new SourceInventory(store, source, all, parts, leftovers);
  }

  /** Whether anything was ever noted: rollouts of earlier releases noted nothing. */
  get isKept(): boolean {
    return this.parts > 0;
  }

  get uids(): Inventory {
    return new Map([...this.items].map(([key, { uid }]) => [key, uid]));
  }

  refs(): ObjectRef[] {
    return [...this.items.values()].map(({ ref }) => ref);
  }

  /** Writes only the parts that say something new. Idempotent. */
  async update(changes: {
    readonly applied?: readonly InventoryItem[];
    readonly removed?: readonly ObjectRef[];
  }): Promise<void> {
    const touched = new Set<string>();
    for (const ref of changes.removed ?? []) {
      if (this.items.delete(refKey(ref))) touched.add(refKey(ref));
    }
    for (const item of changes.applied ?? []) {
      const key = refKey(item.ref);
      if (this.items.get(key)?.uid === item.uid) continue;
      this.items.set(key, item);
      touched.add(key);
    }
    const parts = Math.max(this.parts, this.items.size > ITEMS_IN_ONE ? PARTS : 1);
    const isDividedAnew = parts !== this.parts || this.leftovers.length > 0;
    if (touched.size === 0 && !(isDividedAnew && this.items.size > 0)) return;
    const due = new Set(
      isDividedAnew ? Array.from({ length: parts }, (_, index) => index) : [...touched].map(partOf(parts)),
    );
    await this.write(due, parts);
    const { namespace = '' } = this.source.metadata;
    const old = parts === this.parts || this.parts === 0 ? [] : namesOf(this.source, this.parts);
    for (const name of [...this.leftovers, ...old]) await this.store.delete({ ...secret, namespace, name });
    this.parts = parts;
    this.leftovers = [];
  }

  private async write(due: ReadonlySet<number>, parts: number): Promise<void> {
    const contents = new Map<number, InventoryItem[]>([...due].map((index) => [index, []]));
    const place = partOf(parts);
    for (const [key, item] of this.items) contents.get(place(key))?.push(item);
    const secrets = await Promise.all(
      [...contents].map(([index, items]) => toSecret(this.sealer, this.source, { index, of: parts, items })),
    );
    const results = await this.store.applyMany(secrets, { fieldManager: 'samband-snapshots', force: true });
    for (const result of results) if (!result.ok) throw result.error;
  }
}

interface Part {
  readonly index: number;
  readonly of: number;
  readonly items: readonly InventoryItem[];
}

/** Names are spread evenly, whatever they have in common. */
function partOf(parts: number): (key: string) => number {
  if (parts === 1) return () => 0;
  return (key) => (createHash('sha256').update(key).digest()[0] ?? 0) % parts;
}

function nameOf(source: GitSource, { index, of }: Pick<Part, 'index' | 'of'>): string {
  return `${source.metadata.name}-inventory-${of}-${index}`;
}

function namesOf(source: GitSource, parts: number): string[] {
  return Array.from({ length: parts }, (_, index) => nameOf(source, { index, of: parts }));
}

function ownerOf({ metadata: { namespace = '', name, uid = '' } }: GitSource): SnapshotOwner {
  return { namespace, name, uid };
}

type Row = readonly [apiVersion: string, kind: string, namespace: string, name: string, uid: string];

async function toSecret(sealer: SnapshotSealer, source: GitSource, part: Part): Promise<KubeObject> {
  const rows = part.items.map(({ ref, uid }): Row => [
    ref.apiVersion,
    ref.kind,
    ref.namespace ?? '',
    ref.name,
    uid,
  ]);
  const { seal, chunks } = pack(rows);
  const { namespace = '', name, uid = '' } = source.metadata;
  const text = await sealer.seal(ownerOf(source), sealedAs(part), seal);
  return {
    ...secret,
    type: 'samband.dev/inventory',
    metadata: {
      name: nameOf(source, part),
      namespace,
      labels: { [sourceLabel]: name },
      annotations: { [sealAnnotation]: text },
      ownerReferences: [{ apiVersion: source.apiVersion, kind: source.kind, name, uid }],
    },
    data: { inventory: Buffer.concat(chunks).toString('base64') },
  };
}

async function readPart(
  sealer: SnapshotSealer,
  source: GitSource,
  { metadata, data }: KubeObject,
): Promise<(Part & { readonly name: string }) | undefined> {
  const place = placeIn(metadata.name, source);
  const { inventory } = (data ?? {}) as { inventory?: string };
  const text = metadata.annotations?.[sealAnnotation];
  if (place === undefined || inventory === undefined || text === undefined) return undefined;
  const seal = await sealer.open(ownerOf(source), sealedAs(place), text, undefined);
  if (seal === undefined) return undefined;
  // However many chunks it was cut into, one Secret holds them all.
  const decoded = unpack([Buffer.from(inventory, 'base64')], { ...seal, chunks: 1 }, maxBytes);
  if (!decoded.ok) return undefined;
  const items = (decoded.value as Row[]).map(([apiVersion, kind, namespace, name, uid]) => ({
    ref: { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) },
    uid,
  }));
  return { ...place, items, name: metadata.name };
}

function placeIn(name: string, source: GitSource): Pick<Part, 'index' | 'of'> | undefined {
  const [of, index] = name.slice(`${source.metadata.name}-inventory-`.length).split('-').map(Number);
  if (of === undefined || index === undefined) return undefined;
  return nameOf(source, { index, of }) === name ? { index, of } : undefined;
}

function sealedAs({ index, of }: Pick<Part, 'index' | 'of'>): string {
  return `inventory-${of}-${index}`;
}

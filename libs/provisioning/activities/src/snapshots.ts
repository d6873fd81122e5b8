import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeSnapshot, encodeSnapshot, type SnapshotCodec, type SnapshotSeal } from '@samband/gitops';
import { SambandError } from '@samband/errors';
import { labels, type KubeObject, type ResourceStore, type Rollout } from '@samband/resources';
import type { EntityRef } from '@samband/contract';

/** What a hostile or broken snapshot may unpack to. */
const maxBytes = 256 * 1024 * 1024;
const partLabel = 'samband.dev/snapshot';
const sourceLabel = 'samband.dev/snapshot-of';
const sealAnnotation = 'samband.dev/snapshot-seal';

const codec: SnapshotCodec = {
  // The worker does nothing else meanwhile, and texts as alike as these become small at any level.
  gzip: (bytes) => gzipSync(bytes, { level: 1 }),
  gunzip: (bytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};

/**
 * What steps of a rollout hand to each other: gzipped JSON in Secrets owned by the Rollout, so that neither
 * workflow payloads nor a force-push matter, and the garbage collector forgets them with it.
 */
export class Snapshots {
  constructor(private readonly store: Pick<ResourceStore, 'get' | 'list' | 'apply' | 'delete'>) {}

  /** Replaces the part. The first chunk carries the seal and is written last: a half-written part reads as missing. */
  async write(owner: Rollout, part: string, content: unknown): Promise<void> {
    const { seal, chunks } = encodeSnapshot(content, codec);
    for (const [index, chunk] of [...chunks.entries()].reverse()) {
      await this.store.apply(secretOf(owner, part, index, seal, chunk), {
        fieldManager: 'samband-snapshots',
        force: true,
      });
    }
  }

  /** Throws SNAPSHOT_MISSING when the part was never written whole, or was forgotten. */
  async read(rollout: EntityRef, part: string): Promise<unknown> {
    const first = await this.chunk(rollout, part, 0);
    if (first === undefined) throw missing(rollout, part, 'was never written, or is no longer kept');
    const seal = parseSeal(first.seal);
    if (seal === undefined) throw missing(rollout, part, 'its seal is broken');
    const rest = await Promise.all(
      Array.from({ length: Math.max(0, Math.min(seal.chunks, 1_000) - 1) }, (_, index) =>
        this.chunk(rollout, part, index + 1),
      ),
    );
    const chunks = [first, ...rest].flatMap((chunk) => chunk?.bytes ?? []);
    const decoded = decodeSnapshot(chunks, seal, codec);
    if (!decoded.ok) throw missing(rollout, part, decoded.why);
    return decoded.value;
  }

  async readIfThere(rollout: EntityRef, part: string): Promise<unknown> {
    try {
      return await this.read(rollout, part);
    } catch (error) {
      if (error instanceof SambandError && error.code === 'SNAPSHOT_MISSING') return undefined;
      throw error;
    }
  }

  /** Forgets every part of the source's rollouts but those to keep. */
  async forgetAllBut(namespace: string, source: string, keep: ReadonlySet<string>): Promise<void> {
    const { items } = await this.store.list(
      { apiVersion: 'v1', kind: 'Secret' },
      { namespace, labelSelector: `${sourceLabel}=${source},${partLabel}` },
    );
    for (const { metadata } of items) {
      if (keep.has(metadata.labels?.[labels.rollout] ?? '')) continue;
      await this.store.delete({ apiVersion: 'v1', kind: 'Secret', namespace, name: metadata.name });
    }
  }

  private async chunk(
    { namespace, name }: EntityRef,
    part: string,
    index: number,
  ): Promise<{ bytes: Buffer; seal: string } | undefined> {
    const secret = await this.store.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace,
      name: chunkName(name, part, index),
    });
    const data = secret?.['data'] as { snapshot?: string } | undefined;
    const seal = secret?.metadata.annotations?.[sealAnnotation];
    if (data?.snapshot === undefined || seal === undefined) return undefined;
    return { bytes: Buffer.from(data.snapshot, 'base64'), seal };
  }
}

function parseSeal(text: string): SnapshotSeal | undefined {
  try {
    const seal = JSON.parse(text) as Partial<SnapshotSeal> | undefined;
    const isWhole = Number.isSafeInteger(seal?.chunks) && Number.isSafeInteger(seal?.bytes);
    return isWhole && typeof seal?.digest === 'string' ? (seal as SnapshotSeal) : undefined;
  } catch {
    return undefined;
  }
}

function missing(rollout: EntityRef, part: string, why: string): SambandError {
  return new SambandError(
    'SNAPSHOT_MISSING',
    `the snapshot "${part}" of Rollout ${rollout.namespace}/${rollout.name} cannot be read: ${why}; roll the commit out again (annotation samband.dev/retry)`,
  );
}

function secretOf(
  owner: Rollout,
  part: string,
  index: number,
  seal: SnapshotSeal,
  bytes: Uint8Array,
): KubeObject {
  const { name, namespace, uid } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'samband.dev/snapshot',
    metadata: {
      name: chunkName(name, part, index),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [labels.rollout]: name, [partLabel]: part, [sourceLabel]: owner.spec.source },
      annotations: { [sealAnnotation]: JSON.stringify(seal) },
      ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid: uid ?? '' }],
    },
    data: { snapshot: Buffer.from(bytes).toString('base64') },
  };
}

function chunkName(rollout: string, part: string, index: number): string {
  return `${rollout}-${part}-${index}`;
}

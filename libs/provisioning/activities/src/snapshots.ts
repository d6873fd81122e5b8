import { SambandError } from '@samband/errors';
import { labels, type KubeObject, type ResourceStore, type Rollout } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { pack, unpack } from './packed.js';
import { SnapshotSealer, type SnapshotOwner } from './snapshot-seal.js';

/** What one may unpack to, whoever wrote it: everything else waits meanwhile. */
const maxBytes = 256 * 1024 * 1024;
/** Chunks read at once: a few MiB. */
const chunksAtOnce = 4;
const partLabel = 'samband.dev/snapshot';
const sourceLabel = 'samband.dev/snapshot-of';
const sealAnnotation = 'samband.dev/snapshot-seal';

/**
 * What steps of a rollout hand to each other: gzipped JSON in Secrets owned by the Rollout, so that neither
 * workflow payloads nor a force-push matter, and the garbage collector forgets them with it. They lie where tenants may
 * write: one that is not sealed by a worker counts as missing, before anything of it is unpacked.
 */
export class Snapshots {
  private readonly sealer: SnapshotSealer;

  constructor(private readonly store: Pick<ResourceStore, 'get' | 'list' | 'create' | 'apply' | 'delete'>) {
    this.sealer = new SnapshotSealer(store);
  }

  /** Replaces the part. The first chunk carries the seal and is written last: a half-written part reads as missing. */
  async write(owner: Rollout, part: string, content: unknown): Promise<void> {
    const { seal, chunks } = pack(content);
    const text = await this.sealer.seal(ownerOf(owner), part, seal);
    for (const [index, chunk] of [...chunks.entries()].reverse()) {
      await this.store.apply(secretOf(owner, part, index, text, chunk), {
        fieldManager: 'samband-snapshots',
        force: true,
      });
    }
  }

  /**
   * Throws SNAPSHOT_MISSING when the part was never written whole, or was forgotten, or is of an earlier Rollout of the
   * name: the garbage collector has yet to take that away.
   */
  async read({ metadata }: Pick<Rollout, 'metadata'>, part: string): Promise<unknown> {
    const rollout = ownerOf({ metadata });
    const first = await this.chunk(rollout, part, 0);
    if (first === undefined) throw missing(rollout, part, 'was never written, or is no longer kept');
    const seal = await this.sealer.open(rollout, part, first.seal, first.owner);
    if (seal === undefined)
      throw missing(rollout, part, 'its seal is broken, or not ours for this very Rollout');
    const chunks = [first.bytes];
    let bytes = first.bytes.length;
    while (chunks.length < seal.chunks) {
      const count = Math.min(chunksAtOnce, seal.chunks - chunks.length);
      const next = Array.from({ length: count }, (_, index) =>
        this.chunk(rollout, part, chunks.length + index),
      );
      for (const chunk of await Promise.all(next)) {
        // The same seal is on all chunks of one write.
        if (chunk?.seal !== first.seal) throw missing(rollout, part, 'the chunks are not of one snapshot');
        bytes += chunk.bytes.length;
        if (bytes > seal.bytes) throw missing(rollout, part, `it holds more than ${seal.bytes} bytes`);
        chunks.push(chunk.bytes);
      }
    }
    const decoded = unpack(chunks, seal, maxBytes);
    if (!decoded.ok) throw missing(rollout, part, decoded.why);
    return decoded.value;
  }

  async readIfThere(rollout: Pick<Rollout, 'metadata'>, part: string): Promise<unknown> {
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
  ): Promise<{ bytes: Buffer; seal: string; owner: string | undefined } | undefined> {
    const secret = await this.store.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace,
      name: chunkName(name, part, index),
    });
    const data = secret?.['data'] as { snapshot?: string } | undefined;
    const seal = secret?.metadata.annotations?.[sealAnnotation];
    if (data?.snapshot === undefined || seal === undefined) return undefined;
    const owner = secret?.metadata.ownerReferences?.[0]?.uid;
    return { bytes: Buffer.from(data.snapshot, 'base64'), seal, owner };
  }
}

function ownerOf({ metadata }: Pick<Rollout, 'metadata'>): SnapshotOwner {
  const { namespace = '', name, uid = '' } = metadata;
  return { namespace, name, uid };
}

function missing(rollout: EntityRef, part: string, why: string): SambandError {
  return new SambandError(
    'SNAPSHOT_MISSING',
    `the snapshot "${part}" of Rollout ${rollout.namespace}/${rollout.name} cannot be read: ${why}; roll the commit out again (annotation samband.dev/retry)`,
  );
}

function secretOf(owner: Rollout, part: string, index: number, seal: string, bytes: Uint8Array): KubeObject {
  const { name, namespace, uid } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'samband.dev/snapshot',
    metadata: {
      name: chunkName(name, part, index),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [labels.rollout]: name, [partLabel]: part, [sourceLabel]: owner.spec.source },
      annotations: { [sealAnnotation]: seal },
      ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid: uid ?? '' }],
    },
    data: { snapshot: Buffer.from(bytes).toString('base64') },
  };
}

function chunkName(rollout: string, part: string, index: number): string {
  return `${rollout}-${part}-${index}`;
}

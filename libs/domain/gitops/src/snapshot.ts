/**
 * Snapshots carry a rollout's plan, the objects before it and the last good set from one activity to the next, in
 * Secrets: gzipped JSON, cut into chunks that each fit one Secret (1 MiB with keys and metadata).
 */
export const SNAPSHOT_CHUNK_BYTES = 900 * 1024;

/** What must be kept beside the chunks to know that all of them are there and whole. */
export interface SnapshotSeal {
  readonly chunks: number;
  /** Of all chunks together. */
  readonly bytes: number;
  /** Hex digest of all chunks together. */
  readonly digest: string;
}

export interface Snapshot {
  readonly seal: SnapshotSeal;
  /** In order; never empty. */
  readonly chunks: readonly Uint8Array[];
}

export type DecodedSnapshot =
  | { readonly ok: true; readonly value: unknown }
  /** A chunk is missing, of another snapshot, or cut: as after a kill between two writes. */
  | { readonly ok: false; readonly why: string };

export interface SnapshotCodec {
  readonly gzip: (bytes: Uint8Array) => Uint8Array;
  /** Throws when the bytes are no gzip, or too large when unpacked. */
  readonly gunzip: (bytes: Uint8Array) => Uint8Array;
  /** Hex digest. */
  readonly sha256: (bytes: Uint8Array) => string;
}

/** @param value anything that JSON holds */
export function encodeSnapshot(value: unknown, codec: Pick<SnapshotCodec, 'gzip' | 'sha256'>): Snapshot {
  const packed = codec.gzip(new TextEncoder().encode(JSON.stringify(value)));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < packed.length || chunks.length === 0; at += SNAPSHOT_CHUNK_BYTES) {
    chunks.push(packed.subarray(at, at + SNAPSHOT_CHUNK_BYTES));
  }
  return { seal: { chunks: chunks.length, bytes: packed.length, digest: codec.sha256(packed) }, chunks };
}

/** @param chunks in order, as many as were found */
export function decodeSnapshot(
  chunks: readonly Uint8Array[],
  seal: SnapshotSeal,
  codec: Pick<SnapshotCodec, 'gunzip' | 'sha256'>,
): DecodedSnapshot {
  if (chunks.length !== seal.chunks) {
    return { ok: false, why: `${chunks.length} of ${seal.chunks} chunks are there` };
  }
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytes !== seal.bytes) return { ok: false, why: `${bytes} of ${seal.bytes} bytes are there` };
  const packed = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    packed.set(chunk, at);
    at += chunk.length;
  }
  if (codec.sha256(packed) !== seal.digest) return { ok: false, why: 'the chunks are not of one snapshot' };
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(codec.gunzip(packed)));
    return { ok: true, value };
  } catch {
    // The digest fits, so it was written so: by another version, or larger than is read.
    return { ok: false, why: 'the chunks do not hold a snapshot that this version reads' };
  }
}

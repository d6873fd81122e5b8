import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeSnapshot, encodeSnapshot, type DecodedSnapshot, type Snapshot } from '@samband/gitops';
import type { SealedSnapshot } from './snapshot-seal.js';

/** @param content anything that JSON holds */
export function pack(content: unknown): Omit<Snapshot, 'seal'> & { readonly seal: SealedSnapshot } {
  let unpacked = 0;
  // The worker does nothing else meanwhile, and texts as alike as these become small at any level.
  const gzip = (bytes: Uint8Array): Uint8Array => {
    unpacked = bytes.length;
    return gzipSync(bytes, { level: 1 });
  };
  const { seal, chunks } = encodeSnapshot(content, { gzip, sha256 });
  return { seal: { ...seal, unpacked }, chunks };
}

/** @param maxBytes what it may unpack to, whoever wrote it */
export function unpack(
  chunks: readonly Uint8Array[],
  seal: SealedSnapshot,
  maxBytes: number,
): DecodedSnapshot {
  const gunzip = (packed: Uint8Array): Uint8Array =>
    gunzipSync(packed, { maxOutputLength: Math.min(seal.unpacked, maxBytes) });
  return decodeSnapshot(chunks, seal, { gunzip, sha256 });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

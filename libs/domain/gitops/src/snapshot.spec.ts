import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeSnapshot, encodeSnapshot, SNAPSHOT_CHUNK_BYTES, type SnapshotCodec } from './snapshot.js';

const codec: SnapshotCodec = {
  gzip: (bytes) => gzipSync(bytes),
  gunzip: (bytes) => gunzipSync(bytes),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
};
/** Does not compress, so that sizes are known. */
const plain: SnapshotCodec = { ...codec, gzip: (bytes) => bytes, gunzip: (bytes) => bytes };

describe('a snapshot', () => {
  it('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { chunks, seal } = encodeSnapshot(value, codec);
        expect(decodeSnapshot(chunks, seal, codec)).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(value)) as unknown,
        });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [SNAPSHOT_CHUNK_BYTES, 1],
    [SNAPSHOT_CHUNK_BYTES + 1, 2],
    [3 * SNAPSHOT_CHUNK_BYTES, 3],
  ])('of %d bytes is cut into %d chunks that each fit', (bytes, count) => {
    const value = 'x'.repeat(bytes - 2);
    const { chunks, seal } = encodeSnapshot(value, plain);
    expect(chunks).toHaveLength(count);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(SNAPSHOT_CHUNK_BYTES);
    expect(decodeSnapshot(chunks, seal, plain)).toEqual({ ok: true, value });
  });

  it('is known to be torn when a chunk is missing, cut, out of order or of another one', () => {
    const one = encodeSnapshot('a'.repeat(SNAPSHOT_CHUNK_BYTES) + 'b'.repeat(SNAPSHOT_CHUNK_BYTES), plain);
    const two = encodeSnapshot('c'.repeat(SNAPSHOT_CHUNK_BYTES * 2), plain);
    const torn = [
      one.chunks.slice(1),
      [...one.chunks.slice(0, -1), one.chunks.at(-1)!.subarray(1)],
      [one.chunks[1]!, one.chunks[0]!, one.chunks[2]!],
      [one.chunks[0]!, two.chunks[1]!, one.chunks[2]!],
      [],
    ];
    for (const chunks of torn) expect(decodeSnapshot(chunks, one.seal, plain)).toMatchObject({ ok: false });
  });

  it('that cannot be unpacked is told, not thrown', () => {
    const { chunks, seal } = encodeSnapshot({ a: 1 }, plain);
    expect(decodeSnapshot(chunks, seal, codec)).toMatchObject({ ok: false });
  });
});

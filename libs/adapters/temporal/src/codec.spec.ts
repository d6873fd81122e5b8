import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { createDataConverter, parseCodecKeys, type CodecKey } from './codec.js';

const key = (id: string, byte: number): CodecKey => ({ id, key: new Uint8Array(32).fill(byte) });
const plain = defaultPayloadConverter.toPayload({ name: 'app' });

function codecOf(keys: readonly CodecKey[]): PayloadCodec {
  const [codec] = createDataConverter(keys).payloadCodecs ?? [];
  if (codec === undefined) throw new Error('no codec');
  return codec;
}

function textOf(payloads: readonly Payload[]): string {
  return payloads.map(({ data }) => Buffer.from(data ?? []).toString('latin1')).join('');
}

describe('the payload codec', () => {
  it('hides what it sends and reads it again', async () => {
    const codec = codecOf([key('a', 1)]);
    const sealed = await codec.encode([plain, plain]);
    expect(textOf(sealed)).not.toContain('app');
    expect(sealed[0]?.data).not.toEqual(sealed[1]?.data);
    const [opened] = await codec.decode(sealed);
    expect(opened && defaultPayloadConverter.fromPayload(opened)).toEqual({ name: 'app' });
  });

  it('reads with a key that is no longer the first, and says when it has none', async () => {
    const sealed = await codecOf([key('old', 1)]).encode([plain]);
    const [opened] = await codecOf([key('new', 2), key('old', 1)]).decode(sealed);
    expect(opened && defaultPayloadConverter.fromPayload(opened)).toEqual({ name: 'app' });
    const [renewed] = await codecOf([key('new', 2), key('old', 1)]).encode([plain]);
    expect(Buffer.from(renewed?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('new');
    await expect(codecOf([key('new', 2)]).decode(sealed)).rejects.toThrow('unknown key');
  });

  it('refuses what was changed on the way', async () => {
    const codec = codecOf([key('a', 1)]);
    const [sealed] = await codec.encode([plain]);
    const data = Buffer.from(sealed?.data ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    const cut = data.subarray(0, 5);
    await expect(codec.decode([{ ...sealed, data }])).rejects.toThrow('cannot be decrypted');
    await expect(codec.decode([{ ...sealed, data: cut }])).rejects.toThrow('cannot be decrypted');
  });

  it('passes on what was written before there were keys', async () => {
    expect(await codecOf([key('a', 1)]).decode([plain])).toEqual([plain]);
    expect(createDataConverter([])).toEqual({});
  });
});

describe('codec keys in the environment', () => {
  const base64 = Buffer.alloc(32, 7).toString('base64');

  it('are written as id and base64, the newest first', () => {
    expect(parseCodecKeys(`k2:${base64}, k1:${base64}`).map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(parseCodecKeys('')).toEqual([]);
  });

  it.each([base64, `k:${base64}x`, 'k:aHVudGVyMg==', 'k', `k 1:${base64}`])('are refused as %s', (text) => {
    expect(() => parseCodecKeys(text)).toThrow(/^codec key 1 is not written as <id>:<32 bytes in base64>$/);
  });
});

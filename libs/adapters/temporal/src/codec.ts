import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
// CommonJS whose names Node cannot see beforehand.
import proto from '@temporalio/proto';
import { SambandError } from '@samband/errors';

/** A key of AES-256-GCM with the name that payloads carry. */
export interface CodecKey {
  /** 1 to 64 letters, digits, `-`, `_`. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const encoding = 'binary/encrypted';
const cipher = 'aes-256-gcm';
const nonceLength = 12;
const tagLength = 16;

/**
 * For client and worker alike: encrypts what they send to Temporal with the first key, and reads what any of
 * the keys encrypted. To rotate: add the new key behind the old everywhere, move it to the front everywhere,
 * and drop the old one when the retention of the namespace is over.
 * Without keys payloads stay readable; they hold names and digests only.
 */
export function createDataConverter(keys: readonly CodecKey[] = []): DataConverter {
  return keys.length === 0 ? {} : { payloadCodecs: [createCodec(keys)] };
}

/**
 * Keys as an environment variable holds them: `id:base64,id:base64`, the first one encrypts.
 * Throws BAD_REQUEST, without repeating any of it.
 */
export function parseCodecKeys(text: string): CodecKey[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index) => {
      const [, id, base64] = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(part) ?? [];
      if (id !== undefined && base64 !== undefined) return { id, key: Buffer.from(base64, 'base64') };
      throw new SambandError(
        'BAD_REQUEST',
        `codec key ${index + 1} is not written as <id>:<32 bytes in base64>`,
      );
    });
}

function createCodec(keys: readonly CodecKey[]): PayloadCodec {
  const [newest] = keys;
  if (newest === undefined) throw new SambandError('INTERNAL', 'a codec needs a key');
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    encode: (payloads) => Promise.resolve().then(() => payloads.map((payload) => encrypt(payload, newest))),
    decode: (payloads) => Promise.resolve().then(() => payloads.map((payload) => decrypt(payload, byId))),
  };
}

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const nonce = randomBytes(nonceLength);
  const sealing = createCipheriv(cipher, key, nonce);
  sealing.setAAD(Buffer.from(id));
  const sealed = [sealing.update(PayloadMessage.encode(payload).finish()), sealing.final()];
  return {
    metadata: { encoding: Buffer.from(encoding), 'encryption-key-id': Buffer.from(id) },
    data: Buffer.concat([nonce, ...sealed, sealing.getAuthTag()]),
  };
}

/** What was written before there were keys is passed on as it is. */
function decrypt(payload: Payload, keys: ReadonlyMap<string, CodecKey>): Payload {
  if (text(payload.metadata?.['encoding']) !== encoding) return payload;
  const id = text(payload.metadata?.['encryption-key-id']);
  const known = keys.get(id);
  if (known === undefined)
    throw new SambandError('INTERNAL', 'a payload of Temporal is encrypted with an unknown key');
  const data = Buffer.from(payload.data ?? []);
  try {
    const opening = createDecipheriv(cipher, known.key, data.subarray(0, nonceLength));
    opening.setAAD(Buffer.from(id));
    opening.setAuthTag(data.subarray(data.length - tagLength));
    const sealed = data.subarray(nonceLength, data.length - tagLength);
    return PayloadMessage.decode(Buffer.concat([opening.update(sealed), opening.final()]));
  } catch (error) {
    throw new SambandError('INTERNAL', 'a payload of Temporal cannot be decrypted: it was changed', {
      cause: error,
    });
  }
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

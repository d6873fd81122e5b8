import type { Readable } from 'node:stream';
import { SambandError } from '@samband/errors';

export interface BodyLimits {
  /** Bytes that may come; more are refused as soon as they are announced or read. */
  readonly read: number;
  /** Bytes that are kept in memory; a longer body is read through and forgotten. */
  readonly kept: number;
}

/**
 * Reads a body to its end in memory for `kept` bytes.
 * @param announced value of `Content-Length`
 * @param take sees every chunk, in order
 * @returns the whole body, or `undefined` when it is longer than what is kept
 * @throws PAYLOAD_TOO_LARGE
 */
export async function readBody(
  stream: Readable,
  announced: string | undefined,
  { read, kept }: BodyLimits,
  take: (chunk: Buffer) => void = () => undefined,
): Promise<Buffer | undefined> {
  if (Number(announced) > read) throw tooLarge(read);
  let length = 0;
  let chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > read) throw tooLarge(read);
    take(chunk);
    if (length <= kept) chunks.push(chunk);
    else chunks = [];
  }
  return length <= kept ? Buffer.concat(chunks) : undefined;
}

function tooLarge(bytes: number): SambandError {
  return new SambandError('PAYLOAD_TOO_LARGE', `The body is larger than ${bytes / (1 << 20)} MiB.`);
}

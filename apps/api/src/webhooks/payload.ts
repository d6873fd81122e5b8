import { SambandError } from '@samband/errors';
import { z } from 'zod';
import { InvalidRequest } from '../http/invalid-request.js';
import type { WebhookEvent } from './provider.js';

/** Real payloads nest about ten deep. */
const maxDepth = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const refName = z.string().min(1).max(1024);
/** Only what is used is looked at: whatever else a payload holds cannot hurt. */
const pushPayload = z.object({ ref: refName, after: z.unknown().optional() });

/** Reads a payload as JSON. @throws BAD_REQUEST when it is none, not in UTF-8, or nested too deep */
export function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new SambandError('BAD_REQUEST', 'The payload is not in UTF-8.');
  }
  if (isDeeperThan(maxDepth, text)) {
    throw new SambandError('BAD_REQUEST', `The payload is nested more than ${maxDepth} levels deep.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SambandError('BAD_REQUEST', 'The payload is not JSON.');
  }
}

/** A push in the words that GitHub and GitLab share: `ref` and `after`. */
export function readPush(payload: unknown): WebhookEvent {
  const { ref, after } = parsePayload(pushPayload, payload);
  const commit = asCommit(after);
  return { kind: 'push', ref, ...(commit === undefined ? {} : { commit }) };
}

export function parsePayload<S extends z.ZodType>(schema: S, payload: unknown): z.output<S> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw InvalidRequest.of('The payload is not what the provider sends.', parsed.error.issues);
}

/** A full commit id. All zeroes stand for "none" (the ref was deleted). */
export function asCommit(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^([0-9a-f]{40}|[0-9a-f]{64})$/u.test(value)) return undefined;
  return /^0+$/u.test(value) ? undefined : value;
}

function isDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (isInString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) isInString = false;
    } else if (character === 0x22) isInString = true;
    else if (character === 0x7b || character === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return false;
}

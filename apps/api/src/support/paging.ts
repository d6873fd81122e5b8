import { z } from 'zod';
import { InvalidRequest } from '../http/invalid-request.js';

/** A place in a sorted list: the sort key of the last item that was given. */
export type PageKey = readonly [string, string];

export interface Page<T> {
  readonly items: T[];
  /** Give it back to get the rest; absent at the end. */
  readonly continue?: string;
}

const keySchema = z.tuple([z.string().max(64), z.string().max(253)]);

/**
 * A page after the place that `token` names. The list may have changed meanwhile: what stays is neither skipped
 * nor given twice.
 *
 * @param sorted by `keyOf`, ascending
 * @throws BAD_REQUEST when the token is not one of ours
 */
export function paginate<T>(
  sorted: readonly T[],
  keyOf: (item: T) => PageKey,
  { limit, token }: { readonly limit: number; readonly token: string | undefined },
): Page<T> {
  const after = token === undefined ? undefined : decode(token);
  const rest = after === undefined ? sorted : sorted.filter((item) => compareKeys(keyOf(item), after) > 0);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || items.length === rest.length) return { items };
  return { items, continue: Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') };
}

/** By code unit, as the API server sorts. */
export function compareKeys(left: PageKey, right: PageKey): number {
  return compare(left[0], right[0]) || compare(left[1], right[1]);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function decode(token: string): PageKey {
  try {
    return keySchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw new InvalidRequest('The query is not valid.', [
      { path: 'continue', message: 'is not a token of this list' },
    ]);
  }
}

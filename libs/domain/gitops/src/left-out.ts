import { kindNames, ourKind, type KindName, type KindRef } from '@samband/resources';
import { editDistance } from './nearest.js';

/**
 * Why an object is left out of the commit: it is of a kind of EnMasse that has no counterpart here. `undefined` for all
 * others, also for what is rather one of our kinds misspelled.
 */
export function whyLeftOut({ apiVersion, kind }: KindRef): string | undefined {
  const [group = ''] = apiVersion.split('/', 1);
  if (!/^(?:[a-z0-9-]+\.)*enmasse\.io$/.test(group)) return undefined;
  if (ourKind({ apiVersion, kind }) !== undefined || nearestKind(kind) !== undefined) return undefined;
  return `${kind} of EnMasse (${apiVersion}) has no counterpart here: the object is left out; remove it from the file`;
}

/** The kind of ours that a name was probably meant to be. */
export function nearestKind(kind: string): KindName | undefined {
  if (kind.length > 64) return undefined;
  return kindNames.find((name) => editDistance(name.toLowerCase(), kind.toLowerCase()) <= 2);
}

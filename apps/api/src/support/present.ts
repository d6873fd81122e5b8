import type { z } from 'zod';
import type { Condition } from '@samband/resources';
import type { conditionModel } from './models.js';

/** Leaves out what is not there. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

export function presentConditions(
  conditions: readonly Condition[] | undefined,
): z.infer<typeof conditionModel>[] {
  return (conditions ?? []).map(({ type, status, reason, message, lastTransitionTime }) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime,
  }));
}

/** A repository's URL without its user-info: some people put tokens there. */
export function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/iu, '$1');
}

import type { PathStep } from './manifest.js';

/** Text at a path of an object that may not fit its schema. */
export function textAt(object: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : undefined;
}

export function valueAt(object: unknown, path: readonly PathStep[]): unknown {
  let value = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PathStep, unknown>)[key];
  }
  return value;
}

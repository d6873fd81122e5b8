import { isDeclaredIn, withoutServerFields } from '@samband/gitops';
import type { KubeObject } from '@samband/resources';

type Fields = Record<string, unknown>;

/**
 * What the way back applies to make an object as it is now. What this source applied last, when that is what is
 * there: then nothing of others becomes the source's. With it go the values that others gave to fields which the
 * new manifest sets, since applying takes those over. Else everything that is not the server's own.
 */
export function beforeOf(
  live: KubeObject,
  applied: KubeObject | undefined,
  manifest: KubeObject,
): KubeObject {
  if (applied === undefined || !isDeclaredIn(applied, live, true)) return withoutServerFields(live);
  return { ...applied, ...withTakenOver(applied, withoutServerFields(live), manifest) };
}

function withTakenOver(applied: Fields, live: Fields, manifest: Fields): Fields {
  const merged: Fields = { ...applied };
  for (const [key, wanted] of Object.entries(manifest)) {
    if (!Object.hasOwn(live, key)) continue;
    const [was, now] = [merged[key], live[key]];
    if (isFields(wanted) && isFields(now) && (was === undefined || isFields(was))) {
      const inner = withTakenOver(was ?? {}, now, wanted);
      if (was !== undefined || Object.keys(inner).length > 0) merged[key] = inner;
    } else if (was === undefined) merged[key] = now;
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { KubeObject } from '@samband/resources';
import type { PathStep } from './manifest.js';
import { formatPath } from './problems.js';

/** One thing that the API server has against an object. */
export interface ServerObjection {
  readonly code: 'UNKNOWN_FIELD' | 'REFUSED_BY_SERVER';
  readonly path: readonly PathStep[];
  readonly message: string;
}

// Refusals repeat values of the object: brackets that never close must not be searched for to the end each time.
const field = String.raw`[a-z]\w*(?:\.[\w-]+|\[[^\]]{0,300}\])*`;
const firstField = new RegExp(`(?:^|: )(${field}): `);
const nextCause = new RegExp(`; (?=${field}: )`);

/**
 * Takes a refusal apart, so that each objection can be shown where it belongs. Two forms are known: what
 * server-side apply says of fields that a kind does not have (`.spec.x: field not declared in schema`, one per
 * line), and the causes of an invalid object (`spec.x: Required value; spec.y[0]: …`).
 */
export function serverObjections(refusal: string, object: KubeObject): ServerObjection[] {
  const undeclared = [...refusal.matchAll(/(?:^|[:\s])((?:\.[^\s:.]+)+): field not declared in schema/g)];
  if (undeclared.length > 0) {
    return undeclared.map(([, text = '']) => {
      const path = parsePath(text);
      const message = `${object.kind} (${object.apiVersion}) has no field ${formatPath(path)}: remove it, or correct its name or place`;
      return { code: 'UNKNOWN_FIELD', path, message };
    });
  }
  return refusal.split(nextCause).map((message) => {
    const [, text = ''] = firstField.exec(message) ?? [];
    return { code: 'REFUSED_BY_SERVER', path: parsePath(text), message };
  });
}

/**
 * The object without these fields, to hear what else there is against it.
 * @returns `undefined` when one of them lies where it cannot be taken out
 */
export function withoutFields(
  object: KubeObject,
  paths: readonly (readonly PathStep[])[],
): KubeObject | undefined {
  const copy = structuredClone(object);
  for (const path of paths) {
    const parent = path.slice(0, -1).reduce<unknown>((at, step) => childOf(at, step), copy);
    const last = path.at(-1);
    if (typeof last !== 'string' || childOf(parent, last) === undefined) return undefined;
    Reflect.deleteProperty(parent as object, last);
  }
  return copy;
}

function childOf(value: unknown, step: PathStep): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<PathStep, unknown>)[step]
    : undefined;
}

/** Up to the first step that is neither a field nor an index: items of lists may be named by their keys. */
function parsePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  for (const [whole, name, index] of text.matchAll(/\.?([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (whole.startsWith('[')) {
      if (!/^\d+$/.test(index ?? '')) break;
      steps.push(Number(index));
    } else steps.push(name ?? '');
  }
  return steps;
}

import { describeRef } from '@samband/resources';
import type { Drift, Drifted } from './find-drift.js';

/** Objects that a message names. */
const named = 5;

/** For people: which objects differ in which fields, and by whose hand. */
export function describeDrift({ objects }: Pick<Drift, 'objects'>): string {
  const said = objects.slice(0, named).map((one) => `${describeRef(one.ref)} ${describe(one)}`);
  const more = objects.length > named ? ` (and ${objects.length - named} more)` : '';
  return `${said.join('; ')}${more}`;
}

function describe({ difference, by }: Drifted): string {
  switch (difference.kind) {
    case 'missing':
      return 'does not exist';
    case 'going':
      return 'is being removed';
    case 'hidden':
      return `cannot be looked at: ${difference.why}`;
    case 'changed': {
      const fields = difference.fields.map((path) => path.join('.'));
      const hand = by === undefined ? '' : ` (changed by ${by})`;
      if (fields.join() === 'metadata.uid') return `was deleted and made again by somebody${hand}`;
      return `differs in ${fields.join(', ')}${hand}`;
    }
  }
}

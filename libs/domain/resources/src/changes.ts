import { annotations, requestAnnotations } from './names.js';
import type { ResourceChange } from './store.js';

/** A change of one of these says something of what is wanted; all others are notes, also ours. */
const meaningfulAnnotations = [...requestAnnotations, annotations.definedBy];

/**
 * Whether a change may say something new of what is wanted. Writes of a status, of labels, finalizers or other
 * annotations do not: a workflow's own writes must not wake it.
 */
export function changesWhatIsWanted({ before, after }: ResourceChange): boolean {
  if (before === undefined || after === undefined) return true;
  const was = before.metadata;
  const is = after.metadata;
  if (was.uid !== is.uid || was.deletionTimestamp !== is.deletionTimestamp) return true;
  // Kinds without generations, like Secrets, are nothing but what they say.
  if (was.generation === undefined || is.generation === undefined)
    return was.resourceVersion !== is.resourceVersion;
  if (was.generation !== is.generation) return true;
  return meaningfulAnnotations.some((name) => was.annotations?.[name] !== is.annotations?.[name]);
}

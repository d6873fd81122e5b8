import { errorCode, SambandError } from '@samband/errors';
import {
  describeRef,
  MAX_PROBLEMS,
  MAX_WARNINGS,
  refOf,
  type ResourceStore,
  type Rollout,
} from '@samband/resources';
import type { Problem } from '@samband/gitops';
import { clip } from '../clip.js';
import type { PlannedEntry } from './model.js';

/** What a status lists; the rest is counted. */
export function problemFields(
  problems: readonly Problem[],
  omitted = 0,
): { problems: readonly Problem[]; problemsOmitted: number } {
  return {
    problems: problems.slice(0, MAX_PROBLEMS).map(withinLimits),
    problemsOmitted: omitted + Math.max(0, problems.length - MAX_PROBLEMS),
  };
}

/** The same of warnings, which refuse nothing. */
export function warningFields(warnings: readonly Problem[]): {
  warnings: readonly Problem[];
  warningsOmitted: number;
} {
  return {
    warnings: warnings.slice(0, MAX_WARNINGS).map(withinLimits),
    warningsOmitted: Math.max(0, warnings.length - MAX_WARNINGS),
  };
}

/** These and no others. */
export async function reportProblems(
  store: ResourceStore,
  rollout: Rollout,
  problems: readonly Problem[],
): Promise<void> {
  await store.patchStatus({ ref: refOf(rollout), status: problemFields(problems) });
}

/** These first, and those that the rollout was known to have; a step that runs again repeats none. */
export async function addProblems(
  store: ResourceStore,
  rollout: Rollout,
  problems: readonly Problem[],
): Promise<void> {
  if (problems.length === 0) return;
  const keyOf = ({ code, resource }: Problem): string => `${code} ${resource}`;
  const fresh = new Set(problems.map(keyOf));
  const { problems: known = [], problemsOmitted = 0 } = rollout.status ?? {};
  const others = known.filter((problem) => !fresh.has(keyOf(problem)));
  await store.patchStatus({
    ref: refOf(rollout),
    status: problemFields([...problems, ...others], problemsOmitted),
  });
}

export function problemOf({ file, line, ref }: PlannedEntry, error: Error): Problem {
  const code = errorCode(error) ?? 'INTERNAL';
  return { file, line, resource: describeRef(ref), code, message: error.message };
}

/** The failure of a step that some objects failed at: the first of them, and how many more. */
export function firstFailure(problems: readonly Problem[]): SambandError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const code = errorCode({ code: first?.code }) ?? 'INTERNAL';
  const { resource = '', message = '' } = first ?? {};
  // The store's own messages begin with the object already.
  const text = message.startsWith(resource) ? message : `${resource}: ${message}`;
  return new SambandError(code, `${text}${more}`);
}

/** The lengths that the CRD admits. */
function withinLimits({ file, line, resource, code, message }: Problem): Problem {
  return {
    file: clip(file, 4_096),
    line,
    resource: clip(resource, 1_024),
    code: clip(code, 256),
    message: clip(message, 8_192),
  };
}

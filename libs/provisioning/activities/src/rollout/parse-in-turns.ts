import { parseInSteps, type GitFile, type ParsedManifests, type ParseOptions } from '@samband/gitops';

/** So long one commit may keep all others of this process waiting, beyond what is read of it without a pause. */
const turnMs = 50;

/**
 * Reads the manifests of a commit and lets the event loop have its turn meanwhile: a large one takes seconds, in
 * which heartbeats, watches and the steps of other tenants would stand still.
 */
export async function parseInTurns(
  files: readonly GitFile[],
  options: ParseOptions,
): Promise<ParsedManifests> {
  const steps = parseInSteps(files, options);
  let began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - began < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  }
}

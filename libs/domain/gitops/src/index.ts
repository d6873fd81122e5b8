export type * from './ports.js';
export {
  defaultManifestLimits,
  type ManifestDocument,
  type ManifestLimits,
  type ParsedManifests,
  type ParseOptions,
  type PathStep,
} from './manifest.js';
export { parseManifests } from './parse-manifests.js';
export {
  classOfProblems,
  problemClasses,
  sortProblems,
  type ProblemCode,
  type WarningCode,
} from './problems.js';

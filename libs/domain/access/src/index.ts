export type { Grant, Operation, PermissionMatch, Topics } from './grant.js';
export { foldPermissions } from './fold.js';
export { commonRights, type SingleRight } from './common-rights.js';
export { mayUse } from './may-use.js';
export {
  matchesPattern,
  nameWithoutGaps,
  maxAddressLength,
  parsePattern,
  patternProblems,
  reservedFault,
  severalIn,
  unsafeCharacter,
  type ParsedPattern,
  type Pattern,
} from './pattern.js';

export { partNames, type PartName } from './part.js';
export { StackRunningError } from './lock.js';
export { repository, startStack, type Stack, type StackOptions } from './stack.js';
export type { StackEnv } from './stack-env.js';
export type { PartStatus } from './supervisor.js';

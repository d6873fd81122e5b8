/** Names of what is injected and has no class of its own. */
export const tokens = {
  readiness: Symbol('readiness'),
  metrics: Symbol('metrics'),
  close: Symbol('close'),
} as const;

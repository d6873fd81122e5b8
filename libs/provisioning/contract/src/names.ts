import type { searchAttributes as names } from '@samband/resources';

/** A namespaced object that has a workflow of its own. */
export interface EntityRef {
  readonly namespace: string;
  readonly name: string;
}

export const workflowTypes = {
  source: 'sourceWorkflow',
  rollout: 'rolloutWorkflow',
  addressSpace: 'addressSpaceWorkflow',
} as const;

export const signals = {
  /** Payload-free and idempotent: something that concerns you changed, look at the Kubernetes API. */
  dirty: 'dirty',
  /** To a source: somebody pushed. Asks for the repository itself, also when it was looked at a moment ago. */
  look: 'look',
  /** To a rollout: a newer head takes over, unless you have begun to apply. */
  supersede: 'supersede',
} as const;

export const queries = { timeline: 'timeline' } as const;

export const taskQueues = {
  /** Everything that any worker can do. */
  control: 'samband',
  /** Steps that only wait, some for minutes: whoever has many of them takes no slot from a step that works. */
  waits: 'samband-waits',
  /** What must happen on the machine that runs a broker's process. */
  host: (hostId: string): string => `samband-host-${hostId}`,
} as const;

/**
 * Keyword search attributes: those of `@samband/resources`, which the compiler checks; the bundle of the workflows
 * must not hold all of that library.
 */
export const searchAttributes: typeof names = {
  namespace: 'SambandNamespace',
  source: 'SambandSource',
  space: 'SambandSpace',
  phase: 'SambandPhase',
};

export function sourceWorkflowId(namespace: string, name: string): string {
  return `source/${namespace}/${name}`;
}

export function rolloutWorkflowId(namespace: string, name: string): string {
  return `rollout/${namespace}/${name}`;
}

export function addressSpaceWorkflowId(namespace: string, name: string): string {
  return `addressspace/${namespace}/${name}`;
}

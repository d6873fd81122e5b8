import {
  addressSpaceWorkflowId,
  rolloutWorkflowId,
  searchAttributes,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
  type EntityRef,
} from './names.js';

/** What workflows serve. */
export type EntityKind = 'space' | 'source' | 'rollout';

/** An object's workflow: how Temporal knows it, and how it is started when it does not run. */
export interface EntityWorkflow {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly args: readonly [EntityRef];
  readonly searchAttributes: Readonly<Record<string, string>>;
}

/** What `rolloutName` put in front: `<source>-<sha, 12 digits>-<attempt>`. */
function sourceOf(rollout: string): string {
  return rollout.replace(/-[0-9a-f]{12}-\d+$/, '');
}

export function workflowOf(kind: EntityKind, { namespace, name }: EntityRef): EntityWorkflow {
  const common = { taskQueue: taskQueues.control, args: [{ namespace, name }] } as const;
  const inNamespace = { [searchAttributes.namespace]: namespace };
  switch (kind) {
    case 'space':
      return {
        ...common,
        workflowId: addressSpaceWorkflowId(namespace, name),
        workflowType: workflowTypes.addressSpace,
        searchAttributes: { ...inNamespace, [searchAttributes.space]: name },
      };
    case 'source':
      return {
        ...common,
        workflowId: sourceWorkflowId(namespace, name),
        workflowType: workflowTypes.source,
        searchAttributes: { ...inNamespace, [searchAttributes.source]: name },
      };
    case 'rollout':
      return {
        ...common,
        workflowId: rolloutWorkflowId(namespace, name),
        workflowType: workflowTypes.rollout,
        searchAttributes: { ...inNamespace, [searchAttributes.source]: sourceOf(name) },
      };
  }
}

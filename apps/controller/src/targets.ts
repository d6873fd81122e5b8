import {
  addressSpaceWorkflowId,
  rolloutWorkflowId,
  searchAttributes,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
} from '@samband/contract';
import type { DirtyTarget } from '@samband/temporal';

/** A workflow that must look again, by the object that it serves. */
export interface Target {
  readonly kind: 'space' | 'source' | 'rollout';
  readonly namespace: string;
  readonly name: string;
}

export function targetKey({ kind, namespace, name }: Target): string {
  return `${kind}/${namespace}/${name}`;
}

/** How Temporal knows the workflow of a target, and how to start it. */
export function toDirtyTarget({ kind, namespace, name }: Target): DirtyTarget {
  const common = { taskQueue: taskQueues.control, args: [{ namespace, name }] };
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
        searchAttributes: inNamespace,
      };
  }
}

import {
  kindRef,
  type KindName,
  type KubeObject,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';
import { indexes } from './watched.js';

/** An object of one of our kinds with what every stored object has. */
export function anObject(kind: KindName, name: string, fields: Partial<KubeObject> = {}): KubeObject {
  const { metadata, ...rest } = fields;
  return {
    ...kindRef(kind),
    ...rest,
    metadata: { namespace: 'team', name, generation: 1, resourceVersion: '1', uid: name, ...metadata },
  };
}

export function aSpace(name: string, plan: string, fields: object = {}): KubeObject {
  return anObject('AddressSpace', name, { spec: { type: 'brokered', plan, ...fields } });
}

export function aSpacePlan(name: string, infraConfigRef: string, addressPlans: string[]): KubeObject {
  return anObject('AddressSpacePlan', name, {
    metadata: { namespace: 'enmasse-infra', name },
    spec: { addressSpaceType: 'brokered', infraConfigRef, addressPlans, resourceLimits: { broker: 1 } },
  });
}

/** The same object a moment later. */
export function changed(before: KubeObject, metadata: object, rest: object = {}): ResourceChange {
  const after = { ...before, ...rest, metadata: { ...before.metadata, resourceVersion: '2', ...metadata } };
  return { ref: { ...before.metadata, apiVersion: before.apiVersion, kind: before.kind }, before, after };
}

export function added(after: KubeObject): ResourceChange {
  return { ...changed(after, {}), before: undefined };
}

export function removed(before: KubeObject): ResourceChange {
  return { ...changed(before, {}), after: undefined };
}

/** A view of some objects; answers `byIndex` with the controller's own indexes. */
export function viewOf(objects: readonly KubeObject[]): Pick<ResourceView, 'list' | 'byIndex'> {
  return {
    list: (kind, namespace) =>
      objects.filter(
        (object) =>
          object.kind === kind.kind && (namespace === undefined || object.metadata.namespace === namespace),
      ),
    byIndex: (name, key) => {
      const index = indexes.find((one) => one.name === name);
      return objects.filter((object) => index?.of(object).includes(key));
    },
  };
}

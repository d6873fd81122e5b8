import type { EntityRef } from '@samband/contract';
import type { ObjectRef } from '@samband/resources';

export function spaceRef({ namespace, name }: EntityRef): ObjectRef {
  return { apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace', namespace, name };
}

export function adminRef(kind: string, namespace: string, name: string): ObjectRef {
  const version = kind === 'AddressSpacePlan' || kind === 'AddressPlan' ? 'v1beta2' : 'v1beta1';
  return { apiVersion: `admin.enmasse.io/${version}`, kind, namespace, name };
}

export function secretRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name };
}

export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** Key of the view's index `space`. */
export function spaceKey({ namespace, name }: EntityRef): string {
  return `${namespace}/${name}`;
}

import type { BrokerInstance } from '@samband/topology';
import { secretData, type AddressSpace, type ExportKind, type KubeObject } from '@samband/resources';

export interface Export {
  readonly kind: ExportKind;
  readonly name: string;
}

/** Ports by the names that the exports and endpoint statuses give them. */
export function tenantPorts({ ports }: BrokerInstance): Record<string, number> {
  return { amqp: ports.amqp, amqps: ports.amqps };
}

export function isSameExport(a: Export, b: Export): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** The object of an export, owned by its space: the garbage collector removes it with that. */
export function exportObject(
  space: AddressSpace,
  one: Export,
  data: Record<string, string>,
  instance: BrokerInstance,
): KubeObject {
  const { apiVersion, kind, metadata } = space;
  return {
    ...contentFor(one, data, instance),
    apiVersion: 'v1',
    kind: one.kind,
    metadata: {
      name: one.name,
      namespace: metadata.namespace ?? '',
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
    },
  };
}

function contentFor(
  { kind }: Export,
  data: Record<string, string>,
  instance: BrokerInstance,
): Record<string, unknown> {
  switch (kind) {
    case 'ConfigMap':
      return { data };
    case 'Secret':
      return { data: secretData(data) };
    case 'Service':
      return {
        spec: {
          type: 'ExternalName',
          // A name is asked for, and an address would not resolve.
          externalName: instance.host === '127.0.0.1' ? 'localhost' : instance.host,
          ports: Object.entries(tenantPorts(instance)).map(([name, port]) => ({ name, port })),
        },
      };
  }
}

/** What an export holds, comparable between what we write and what the API server made of it. */
export function contentOf(object: KubeObject): Record<string, unknown> {
  if (object.kind !== 'Service') return { data: object['data'] ?? {} };
  const { type, externalName, ports } = (object['spec'] ?? {}) as ServiceSpec;
  return {
    spec: { type, externalName, ports: (ports ?? []).map(({ name, port }) => ({ name, port })) },
  };
}

interface ServiceSpec {
  readonly type?: string;
  readonly externalName?: string;
  readonly ports?: readonly { readonly name: string; readonly port: number }[];
}

/** Merge patch that leads to the content, and takes away keys that are in it no longer. */
export function contentPatch(live: KubeObject, wanted: KubeObject): object {
  const content = contentOf(wanted);
  if (wanted.kind === 'Service') return content;
  const surplus = Object.keys(live['data'] ?? {}).map((key) => [key, null] as const);
  return { data: { ...Object.fromEntries(surplus), ...(content['data'] as object) } };
}

/** Merge patch that leaves an export of the kind with nothing in it: a Service leads nowhere. */
export function emptyingPatch({ kind }: Export): object {
  return kind === 'Service'
    ? { spec: { type: 'ClusterIP', clusterIP: 'None', externalName: null, ports: null } }
    : { data: null };
}

export function isEmptied(object: KubeObject): boolean {
  if (object.kind !== 'Service') return Object.keys(object['data'] ?? {}).length === 0;
  const { type, ports } = (object['spec'] ?? {}) as ServiceSpec;
  return type !== 'ExternalName' && (ports ?? []).length === 0;
}

export function isOurs(object: KubeObject, space: AddressSpace): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === space.metadata.uid) === true;
}

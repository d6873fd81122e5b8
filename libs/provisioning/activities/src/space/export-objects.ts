import { hostName, type BrokerInstance } from '@samband/topology';
import { isSameValue } from '../same.js';
import { labels, secretData, type AddressSpace, type ExportKind, type KubeObject } from '@samband/resources';

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
      labels: { [labels.exportOf]: clipLabel(metadata.name) },
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
          externalName: hostName(instance.host),
          ports: Object.entries(tenantPorts(instance)).map(([name, port]) => ({ name, port })),
        },
      };
  }
}

/** Names of spaces may be longer than what a label holds; that it is there is what counts. */
function clipLabel(name: string): string {
  return name.slice(0, 63).replace(/[^a-z0-9]+$/, '');
}

/** Whether an export is as it shall be, the label that it is watched by included. */
export function isAsWanted(live: KubeObject, wanted: KubeObject): boolean {
  return (
    isSameValue(contentOf(live), contentOf(wanted)) &&
    live.metadata.labels?.[labels.exportOf] === wanted.metadata.labels?.[labels.exportOf]
  );
}

/** What an export holds, comparable between what we write and what the API server made of it. */
function contentOf(object: KubeObject): Record<string, unknown> {
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
  const metadata = { labels: wanted.metadata.labels };
  if (wanted.kind === 'Service') return { metadata, ...content };
  const surplus = Object.keys(live['data'] ?? {}).map((key) => [key, null] as const);
  return { metadata, data: { ...Object.fromEntries(surplus), ...(content['data'] as object) } };
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

/** Whose an object is that is not ours, in words. */
export function ownerInWords({ metadata }: KubeObject): string {
  const owner =
    metadata.ownerReferences?.find(({ controller }) => controller === true) ?? metadata.ownerReferences?.[0];
  if (owner !== undefined) return `belongs to ${owner.kind} ${owner.name}`;
  const source = metadata.labels?.[labels.source];
  if (source !== undefined) return `belongs to GitSource ${source}`;
  const managers = new Set(managersOf(metadata['managedFields']));
  return managers.size === 0
    ? 'does not belong to this address space'
    : `does not belong to this address space; it was written by ${[...managers].join(', ')}`;
}

function managersOf(fields: unknown): string[] {
  return (Array.isArray(fields) ? (fields as { manager?: unknown }[]) : []).flatMap(({ manager }) =>
    typeof manager === 'string' ? [manager] : [],
  );
}

export function isOurs(object: KubeObject, space: AddressSpace): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === space.metadata.uid) === true;
}

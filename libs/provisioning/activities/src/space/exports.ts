import { errorCode, SambandError } from '@samband/errors';
import { endpointsOf, exportData, type BrokerInstance } from '@samband/topology';
import {
  EXPORT_SERVICE_ACCOUNT,
  INFRA_NAMESPACE,
  refOf,
  secretData,
  serviceAccountUser,
  type AddressSpace,
  type ExportKind,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { tenantCa } from './certificates.js';
import { requireFacts } from './gather.js';
import { ensureSpaceInfra } from './infra-secret.js';
import { spaceRef } from './refs.js';

/** Whose rights exports are written with. */
const as = serviceAccountUser(INFRA_NAMESPACE, EXPORT_SERVICE_ACCOUNT);

interface Export {
  readonly kind: ExportKind;
  readonly name: string;
}

/**
 * Writes what the endpoints ask for, with the identity of `address-space-controller` and nothing more, so that the
 * Role a team commits is what permits it. Withdraws what is no longer asked for.
 */
export async function exportSpace(ports: Ports, ref: EntityRef): Promise<void> {
  const { space, id } = await requireFacts(ports, ref);
  const infra = await ensureSpaceInfra(ports, ref);
  const instance = await ports.runtime.inspectBroker(id);
  if (instance === undefined) throw new SambandError('BROKER_UNAVAILABLE', 'the broker does not run');
  const data = exportData({ host: instance.host, ports: tenantPorts(instance), ca: tenantCa(space, infra) });
  const wanted = endpointsOf(space).flatMap(({ exports }) => exports);
  for (const one of wanted) await write(ports, space, one, manifestOf(space, one, data, instance));
  await withdrawExports(ports, space, wanted);
  const listed = wanted.map(({ kind, name }) => ({ kind, name }));
  if (JSON.stringify(listed) !== JSON.stringify(space.status?.exports ?? [])) {
    await ports.store.patchStatus({ ref: spaceRef(ref), status: { exports: listed } });
  }
}

/** Ports by the names that the exports and endpoint statuses give them. */
export function tenantPorts({ ports }: BrokerInstance): Record<string, number> {
  return { amqp: ports.amqp, amqps: ports.amqps };
}

/** Removes exports that are asked for no longer; where that is not permitted they are emptied, and an Event says so. */
export async function withdrawExports(
  ports: Ports,
  space: AddressSpace,
  wanted: readonly Export[],
): Promise<void> {
  const gone = (space.status?.exports ?? []).filter(
    (old) => !wanted.some((one) => one.kind === old.kind && one.name === old.name),
  );
  for (const one of gone) {
    const ref = exportRef(space, one);
    const live = await readExport(ports, ref);
    if (live === undefined || !isOurs(live, space)) continue;
    try {
      await ports.store.delete(ref, {
        as,
        ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
      });
    } catch (error) {
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      await ports.store.patch(ref, { data: null }, { as, fieldManager: 'samband-exports' });
      await ports.events.record(
        space,
        'Warning',
        'ExportEmptied',
        `${one.kind} ${one.name} is withdrawn but may not be deleted by ${as}: it was emptied; grant delete, or remove it`,
      );
    }
  }
}

async function write(ports: Ports, space: AddressSpace, one: Export, manifest: KubeObject): Promise<void> {
  const ref = refOf(manifest);
  try {
    const live = await ports.store.get(ref, { as });
    if (live === undefined) {
      await ports.store.create(manifest, { as, fieldManager: 'samband-exports' });
      return;
    }
    if (!isOurs(live, space)) {
      throw new SambandError(
        'EXPORT_NOT_OURS',
        `${one.kind} ${one.name} exists and does not belong to this address space; remove it, or name another one in exports`,
      );
    }
    const content = contentOf(manifest);
    if (JSON.stringify(contentOf(live)) !== JSON.stringify(content)) {
      await ports.store.patch(ref, content, { as, fieldManager: 'samband-exports' });
    }
  } catch (error) {
    if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
    const plural = `${one.kind.toLowerCase()}s`;
    throw new SambandError(
      'EXPORT_FORBIDDEN',
      `${as} may not write ${one.kind} ${one.name}: add a Role in ${space.metadata.namespace ?? ''} with the verb create on ${plural} and get, update, patch on ${plural} named ${one.name}, and a RoleBinding to it`,
    );
  }
}

async function readExport({ store }: Ports, ref: ObjectRef): Promise<KubeObject | undefined> {
  try {
    return await store.get(ref, { as });
  } catch (error) {
    // The team took the Role away: what is there is theirs to remove.
    if (errorCode(error) === 'KUBERNETES_FORBIDDEN') return undefined;
    throw error;
  }
}

function exportRef(space: AddressSpace, { kind, name }: Export): ObjectRef {
  return { apiVersion: 'v1', kind, namespace: space.metadata.namespace ?? '', name };
}

function isOurs(object: KubeObject, space: AddressSpace): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === space.metadata.uid) === true;
}

function manifestOf(
  space: AddressSpace,
  one: Export,
  data: Record<string, string>,
  instance: BrokerInstance,
): KubeObject {
  const { apiVersion, kind, metadata } = space;
  return {
    ...exportContent(one, data, instance),
    apiVersion: 'v1',
    kind: one.kind,
    metadata: {
      name: one.name,
      namespace: metadata.namespace ?? '',
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
    },
  };
}

function exportContent(
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
function contentOf(object: KubeObject): Record<string, unknown> {
  if (object.kind !== 'Service') return { data: sorted((object['data'] ?? {}) as Record<string, string>) };
  const spec = (object['spec'] ?? {}) as { externalName?: string; ports?: { name: string; port: number }[] };
  return {
    spec: {
      externalName: spec.externalName,
      ports: (spec.ports ?? []).map(({ name, port }) => ({ name, port })),
    },
  };
}

function sorted(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
}

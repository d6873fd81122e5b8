import { errorCode, SambandError } from '@samband/errors';
import { endpointsOf, exportData } from '@samband/topology';
import {
  EXPORT_SERVICE_ACCOUNT,
  INFRA_NAMESPACE,
  refOf,
  serviceAccountUser,
  type AddressSpace,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import type { EntityRef, SpaceRun } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { tenantCa } from './certificates.js';
import {
  contentOf,
  contentPatch,
  emptyingPatch,
  exportObject,
  isEmptied,
  isOurs,
  isSameExport,
  tenantPorts,
  type Export,
} from './export-objects.js';
import { requireFacts } from './gather.js';
import { ensureSpaceInfra } from './infra-secret.js';
import { spaceRef } from './refs.js';

/** Whose rights exports are written with. */
const as = serviceAccountUser(INFRA_NAMESPACE, EXPORT_SERVICE_ACCOUNT);
const fieldManager = 'samband-exports';

/**
 * Writes what the endpoints ask for, with the identity of `address-space-controller` and nothing more, so that the
 * Role a team commits is what permits it. Withdraws what is no longer asked for.
 */
export async function exportSpace(ports: Ports, ref: EntityRef, of?: SpaceRun): Promise<void> {
  const { space, id } = await requireFacts(ports, ref, of);
  const infra = await ensureSpaceInfra(ports, ref);
  const instance = await ports.runtime.inspectBroker(id);
  if (instance === undefined) throw new SambandError('BROKER_UNAVAILABLE', 'the broker does not run');
  const data = exportData({ host: instance.host, ports: tenantPorts(instance), ca: tenantCa(space, infra) });
  const wanted = wantedExports(space);
  const known = space.status?.exports ?? [];
  // Noted before they are made: one that is made and then asked for no longer must not be forgotten.
  const noted = union(known, wanted);
  await publishExports(ports, ref, known, noted);
  for (const one of wanted) await write(ports, space, one, exportObject(space, one, data, instance));
  const left = await withdrawExports(ports, space, wanted);
  await publishExports(ports, ref, noted, union(wanted, left));
}

/** Every export that the endpoints of a space ask for, once. */
export function wantedExports(space: AddressSpace): Export[] {
  return union(
    [],
    endpointsOf(space).flatMap(({ exports }) => exports.map(({ kind, name }) => ({ kind, name }))),
  );
}

/**
 * Removes exports that are asked for no longer; where that is not permitted they are emptied, and an Event says so.
 * @returns those that are still there
 */
export async function withdrawExports(
  ports: Ports,
  space: AddressSpace,
  wanted: readonly Export[],
): Promise<Export[]> {
  const left: Export[] = [];
  for (const one of space.status?.exports ?? []) {
    if (wanted.some((other) => isSameExport(one, other))) continue;
    const ref = exportRef(space, one);
    const live = await readExport(ports, ref);
    if (live === undefined || !isOurs(live, space)) continue;
    if (!(await remove(ports, ref, live))) {
      left.push(one);
      if (!isEmptied(live)) await empty(ports, space, one);
    }
  }
  return left;
}

/** @returns false when nobody may */
async function remove({ store }: Ports, ref: ObjectRef, { metadata }: KubeObject): Promise<boolean> {
  try {
    await store.delete(ref, { as, ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
    return false;
  }
}

async function empty({ store, events }: Ports, space: AddressSpace, one: Export): Promise<void> {
  let what = 'it was emptied';
  try {
    await store.patch(exportRef(space, one), emptyingPatch(one), { as, fieldManager });
  } catch (error) {
    if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
    what = 'nor emptied';
  }
  await events.record(
    space,
    'Warning',
    'ExportEmptied',
    `${one.kind} ${one.name} is withdrawn but may not be deleted by ${as}: ${what}; grant delete, or remove it`,
  );
}

async function publishExports(
  ports: Ports,
  ref: EntityRef,
  known: readonly Export[],
  exports: readonly Export[],
): Promise<void> {
  if (isSameValue(known, exports)) return;
  await ports.store.patchStatus({ ref: spaceRef(ref), status: { exports } });
}

function union(first: readonly Export[], second: readonly Export[]): Export[] {
  return [...first, ...second].reduce<Export[]>(
    (all, one) => (all.some((other) => isSameExport(one, other)) ? all : [...all, one]),
    [],
  );
}

async function write(ports: Ports, space: AddressSpace, one: Export, manifest: KubeObject): Promise<void> {
  const ref = refOf(manifest);
  try {
    const live = await ports.store.get(ref, { as });
    if (live === undefined) {
      await ports.store.create(manifest, { as, fieldManager });
      return;
    }
    if (!isOurs(live, space)) {
      throw new SambandError(
        'EXPORT_NOT_OURS',
        `${one.kind} ${one.name} exists and does not belong to this address space; remove it, or name another one in exports`,
      );
    }
    if (!isSameValue(contentOf(live), contentOf(manifest)))
      await ports.store.patch(ref, contentPatch(live, manifest), { as, fieldManager });
  } catch (error) {
    if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
    throw new SambandError('EXPORT_FORBIDDEN', whyForbidden(space, one, error as Error));
  }
}

/** RBAC says no in these words; quotas and admission webhooks answer with the same status, and no Role helps. */
const byRbac = / is forbidden: User "[^"]*" cannot /;

function whyForbidden({ metadata }: AddressSpace, { kind, name }: Export, { message }: Error): string {
  if (!byRbac.test(message)) return `${kind} ${name} was refused by the cluster: ${message}`;
  const plural = `${kind.toLowerCase()}s`;
  return `${as} may not write ${kind} ${name}: add a Role in ${metadata.namespace ?? ''} with the verb create on ${plural} and get, update, patch on ${plural} named ${name}, and a RoleBinding to it`;
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

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
  contentPatch,
  emptyingPatch,
  exportObject,
  isAsWanted,
  isEmptied,
  isOurs,
  isSameExport,
  ownerInWords,
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
  const looks = await Promise.all(
    wanted.map((one) => look(ports, space, one, exportObject(space, one, data, instance))),
  );
  const isRefused = (one: Export): boolean =>
    looks.some((other) => isSameExport(other.one, one) && other.refused !== undefined);
  // Noted before they are made: one that is made and then asked for no longer must not be forgotten.
  const noted = union(known, wanted).filter((one) => !isRefused(one));
  await publishExports(ports, ref, known, noted);
  const refused = await Promise.all(
    looks.map(async (one) => one.refused ?? (await write(ports, space, one))),
  );
  const left = await withdrawExports(ports, space, wanted);
  const there = wanted.filter((_, index) => refused[index] === undefined);
  await publishExports(ports, ref, noted, union(there, left));
  refuse(refused.filter((error) => error !== undefined));
}

/** Throws what speaks against exports, all of it at once. */
function refuse(refused: readonly SambandError[]): void {
  const [first] = refused;
  if (first === undefined) return;
  throw new SambandError(first.code, refused.map(({ message }) => message).join('; '));
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

/** An export, what is there in its place, and what speaks against writing it. */
interface Look {
  readonly one: Export;
  readonly manifest: KubeObject;
  readonly live: KubeObject | undefined;
  readonly refused: SambandError | undefined;
}

/** Writes nothing: what cannot be made is found out by a trial. */
async function look(ports: Ports, space: AddressSpace, one: Export, manifest: KubeObject): Promise<Look> {
  let live: KubeObject | undefined;
  const refused = await refusal(space, one, async () => {
    live = await ports.store.get(refOf(manifest), { as });
    if (live === undefined) {
      await ports.store.create(manifest, { as, fieldManager, dryRun: true });
      return;
    }
    if (isOurs(live, space)) return;
    throw new SambandError(
      'EXPORT_NOT_OURS',
      `${one.kind} ${one.name} exists and ${ownerInWords(live)}; remove it, or name another one in exports`,
    );
  });
  return { one, manifest, live, refused };
}

async function write(
  { store }: Ports,
  space: AddressSpace,
  { one, manifest, live }: Look,
): Promise<SambandError | undefined> {
  return refusal(space, one, async () => {
    if (live === undefined) await store.create(manifest, { as, fieldManager });
    else if (!isAsWanted(live, manifest))
      await store.patch(refOf(manifest), contentPatch(live, manifest), { as, fieldManager });
  });
}

/** @returns why the work was refused; other failures are thrown */
async function refusal(
  space: AddressSpace,
  one: Export,
  work: () => Promise<void>,
): Promise<SambandError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    switch (errorCode(error)) {
      case 'EXPORT_NOT_OURS':
        return error as SambandError;
      case 'KUBERNETES_FORBIDDEN':
        return new SambandError('EXPORT_FORBIDDEN', whyForbidden(space, one, error as Error));
      default:
        throw error;
    }
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

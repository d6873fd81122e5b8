import {
  INFRA_NAMESPACE,
  isOfKind,
  keyOf,
  refKey,
  spaceOfAddress,
  type AuthenticationService,
  type KubeObject,
} from '@samband/resources';
import { planCatalog, resolveSpacePlan, type PlanCatalog, type ResolvedSpacePlan } from '@samband/plans';
import type { ManifestDocument } from './manifest.js';
import { findRemovals, type RemovalInput } from './ownership.js';
import { textAt } from './values.js';
import { writtenBy } from './written-objects.js';

/** An object as it will be when the commit is in force, with its document when it is the commit's. */
export interface EndObject {
  readonly object: KubeObject;
  readonly document?: ManifestDocument;
  /** The object as it is now, when it is. */
  readonly live?: KubeObject;
}

/** Everything as it will be when the commit is in force; references and quota are judged on this. */
export interface EndState {
  readonly catalog: PlanCatalog;
  /** Those of the infra namespace that fit their schema. */
  readonly authenticationServices: readonly AuthenticationService[];
  /** Whether there are others, which have been named already. */
  readonly hasUnfitServices: boolean;
  get(apiVersion: string, kind: string, namespace: string | undefined, name: string): EndObject | undefined;
  /** Address objects of a space with this `spec.address`, the commit's first. */
  addresses(namespace: string, space: string, address: string): readonly EndObject[];
  /** MessagingUsers of a space with this `spec.username`, the commit's first. */
  users(namespace: string, space: string, username: string): readonly EndObject[];
  /** Spaces and users that write an object of this name themselves, the commit's first. */
  writers(namespace: string, kind: string, name: string): readonly EndObject[];
  /** All Address objects of a space. */
  addressesOf(namespace: string, space: string): readonly EndObject[];
  /** Those that the commit removes, which stay until everything else is in force. */
  leavingOf(namespace: string, space: string): readonly EndObject[];
  /** The plan of a space, when space and plan exist and are usable. */
  spacePlan(namespace: string, space: string): ResolvedSpacePlan | undefined;
}

/**
 * @param unfit objects of the commit that do not fit their schema: they exist, but no plan is made of them
 */
export function buildEndState(input: RemovalInput, unfit: ReadonlySet<KubeObject> = new Set()): EndState {
  const removed = new Set(findRemovals(input));
  const objects = collect(input, removed);
  const leaving = new Map<string, EndObject[]>();
  for (const object of removed) {
    const { name, namespace = '' } = object.metadata;
    const space = spaceOfAddress(name);
    if (space !== undefined && isOfKind('Address', object))
      push(leaving, `${namespace}/${space}`, { object, live: object });
  }
  const addresses = new Map<string, EndObject[]>();
  const bySpace = new Map<string, EndObject[]>();
  const users = new Map<string, EndObject[]>();
  const writers = new Map<string, EndObject[]>();
  for (const end of objects.values()) {
    const { metadata } = end.object;
    for (const { kind, name } of writtenBy(end.object))
      push(writers, `${metadata.namespace ?? ''}/${kind}/${name}`, end);
    const space = spaceOfAddress(metadata.name);
    if (space === undefined) continue;
    const prefix = `${metadata.namespace ?? ''}/${space}`;
    if (isOfKind('Address', end.object)) {
      push(bySpace, prefix, end);
      const address = textAt(end.object, 'spec', 'address');
      if (address !== undefined) push(addresses, `${prefix}/${address}`, end);
    } else if (isOfKind('MessagingUser', end.object)) {
      const username = textAt(end.object, 'spec', 'username');
      if (username !== undefined) push(users, `${prefix}/${username}`, end);
    }
  }
  const catalog = planCatalog(
    [...objects.values()].map(({ object }) => object).filter((one) => !unfit.has(one)),
  );
  const services = [...objects.values()].flatMap(({ object }) =>
    isOfKind('AuthenticationService', object) && object.metadata.namespace === INFRA_NAMESPACE
      ? [object]
      : [],
  );
  const plans = new Map<string, ResolvedSpacePlan | undefined>();
  const get: EndState['get'] = (apiVersion, kind, namespace, name) =>
    objects.get(refKey({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }));
  return {
    catalog,
    authenticationServices: services.filter((one) => !unfit.has(one)),
    hasUnfitServices: services.some((one) => unfit.has(one)),
    get,
    addresses: (namespace, space, address) => addresses.get(`${namespace}/${space}/${address}`) ?? [],
    users: (namespace, space, username) => users.get(`${namespace}/${space}/${username}`) ?? [],
    writers: (namespace, kind, name) => writers.get(`${namespace}/${kind}/${name}`) ?? [],
    addressesOf: (namespace, space) => bySpace.get(`${namespace}/${space}`) ?? [],
    leavingOf: (namespace, space) => leaving.get(`${namespace}/${space}`) ?? [],
    spacePlan: (namespace, space) => {
      const key = `${namespace}/${space}`;
      if (!plans.has(key)) {
        plans.set(key, planOf(get('enmasse.io/v1beta1', 'AddressSpace', namespace, space), catalog));
      }
      return plans.get(key);
    },
  };
}

function collect(input: RemovalInput, removed: ReadonlySet<KubeObject>): Map<string, EndObject> {
  const objects = new Map<string, EndObject>();
  for (const document of input.documents) {
    const key = keyOf(document.object);
    if (!objects.has(key)) objects.set(key, endOf(document, input.live.get(key)));
  }
  for (const [key, object] of input.live) {
    const isGone = object.metadata.deletionTimestamp !== undefined || removed.has(object);
    if (!isGone && !objects.has(key)) objects.set(key, { object, live: object });
  }
  return objects;
}

const ends = new WeakMap<ManifestDocument, EndObject>();

/** Neither a document nor a live object ever changes: most are the same as in the commit before. */
function endOf(document: ManifestDocument, live: KubeObject | undefined): EndObject {
  const before = ends.get(document);
  if (before !== undefined && before.live === live) return before;
  const end = { object: document.object, document, ...(live === undefined ? {} : { live }) };
  ends.set(document, end);
  return end;
}

function planOf(space: EndObject | undefined, catalog: PlanCatalog): ResolvedSpacePlan | undefined {
  const type = textAt(space?.object, 'spec', 'type');
  const plan = textAt(space?.object, 'spec', 'plan');
  if (plan === undefined || (type !== 'brokered' && type !== 'standard')) return undefined;
  const resolved = resolveSpacePlan(plan, type, catalog);
  return resolved.ok ? resolved.plan : undefined;
}

function push(map: Map<string, EndObject[]>, key: string, value: EndObject): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

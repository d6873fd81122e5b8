import { SambandError } from '@samband/errors';
import {
  describeRef,
  refKey,
  refOf,
  type ApplyOptions,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  type ResourceStore,
  type WriteOptions,
} from '@samband/resources';
import {
  asStored,
  demandAbsent,
  demandVersion,
  fieldConflict,
  keyInList,
  settled,
  withoutVersions,
} from './answers.js';
import { bulkCalls } from './bulk-calls.js';
import { copyOf, mergePatch, type Tree } from './field-tree.js';
import { fitsSelector } from './label-selector.js';
import { applyFields, shownManaged, updateFields, type Manager } from './managed-fields.js';
import { MemoryView } from './memory-view.js';
import { keyOfKind, servedKinds, type KindTraits } from './served-kinds.js';
import { desiredTree, StoredObjects, type Stored } from './stored-objects.js';

export interface MemoryStoreOptions {
  /** Namespaces that exist; nothing can be written into others. Default: `default`. */
  readonly namespaces?: readonly string[];
  readonly now?: () => Date;
}

/** Whether a user may do something; only asked about impersonated users. Verbs as in RBAC. */
export type May = (user: string, verb: string, ref: ObjectRef) => boolean;

interface Asked {
  readonly as?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface MemoryStore {
  readonly store: ResourceStore;
  readonly view: MemoryView;
  /** Default: everybody may do everything. */
  may: May;
  /** Every object, without what changes with each write: for comparing one world with another. */
  desired(): Record<string, unknown>;
  /** Every object as it is. */
  all(): KubeObject[];
}

/**
 * The Kubernetes API in memory: generations, resource versions, server-side apply with field managers, status
 * subresource, finalizers, impersonation. What it does is what `resourceStoreContract` says, which the real one
 * is held to as well. It checks no schema, collects no garbage and ends no namespace.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { namespaces = ['default'], now = () => new Date() } = options;
  const kinds = servedKinds();
  const view = new MemoryView();
  const objects = new StoredObjects(now, (before, after) => {
    view.follow(before, after);
  });
  const memory = {
    view,
    may: (() => true) as May,
    all: () => objects.all().map((object) => copyOf(object)),
    desired: () =>
      Object.fromEntries(
        objects
          .all()
          .map((object) => [refKey(refOf(object)), withoutVersions(object)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
  };

  const traitsOf = (ref: KindRef & Partial<ObjectRef>): KindTraits => {
    const traits = kinds.get(keyOfKind(ref));
    if (traits === undefined) {
      throw new SambandError(
        'KUBERNETES_UNKNOWN_KIND',
        `the Kubernetes API does not serve ${ref.kind} (${ref.apiVersion})`,
      );
    }
    if (ref.name !== undefined && traits.namespaced && ref.namespace === undefined)
      throw new SambandError('KUBERNETES_INVALID', `${ref.kind} ${ref.name} needs a namespace`);
    return traits;
  };
  const demand = ({ as: user, signal }: Asked, verb: string, ref: ObjectRef, traits: KindTraits): void => {
    signal?.throwIfAborted();
    if (user === undefined || memory.may(user, verb, ref)) return;
    const group = ref.apiVersion.includes('/') ? (ref.apiVersion.split('/')[0] ?? '') : '';
    const where =
      ref.namespace === undefined ? 'at the cluster scope' : `in the namespace "${ref.namespace}"`;
    throw new SambandError(
      'KUBERNETES_FORBIDDEN',
      `${describeRef(ref)}: ${traits.plural}${group === '' ? '' : `.${group}`} "${ref.name}" is forbidden: User "${user}" cannot ${verb} resource "${traits.plural}" in API group "${group}" ${where}`,
    );
  };
  const demandNamespace = (ref: ObjectRef): void => {
    const { namespace } = ref;
    if (namespace === undefined || namespaces.includes(namespace)) return;
    if (objects.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }) !== undefined) return;
    throw new SambandError('NOT_FOUND', `${describeRef(ref)}: namespaces "${namespace}" not found`);
  };
  /** One of those that are there from the beginning, which nobody stored. */
  const givenNamespace = ({ apiVersion, kind, name }: ObjectRef): KubeObject | undefined =>
    apiVersion === 'v1' && kind === 'Namespace' && namespaces.includes(name)
      ? { apiVersion, kind, metadata: { name, uid: `namespace-${name}` } }
      : undefined;
  const demandThere = (ref: ObjectRef, traits: KindTraits): Stored => {
    const stored = objects.get(ref);
    if (stored !== undefined) return stored;
    throw new SambandError('NOT_FOUND', `${describeRef(ref)}: ${traits.plural} "${ref.name}" not found`);
  };
  const updater = (apiVersion: string, { fieldManager = 'samband' }: WriteOptions): Manager => ({
    name: fieldManager,
    operation: 'Update',
    apiVersion,
  });

  const shown = ({ object, managed }: Stored): KubeObject => {
    const { metadata, ...rest } = copyOf(object);
    return { ...rest, metadata: { ...metadata, managedFields: shownManaged(managed) } };
  };

  /** What a write answers: the object as it is stored now, where it is. */
  const answered = (ref: ObjectRef, object: KubeObject): KubeObject => {
    const stored = objects.get(ref);
    return stored?.object === object ? shown(stored) : copyOf(object);
  };

  const single: Omit<ResourceStore, 'applyMany' | 'patchStatusMany' | 'deleteMany'> = {
    get: settled((ref, { as } = {}) => {
      demand({ as }, 'get', ref, traitsOf(ref));
      const stored = objects.get(ref);
      if (stored === undefined) return givenNamespace(ref);
      return { ...shown(stored), apiVersion: ref.apiVersion };
    }),
    list: settled((kind, { namespace, labelSelector = '', metadataOnly = false } = {}) => {
      traitsOf(kind);
      const group = kind.apiVersion.split('/')[0];
      const items = objects
        .stored()
        .filter(
          ({ object }) =>
            object.kind === kind.kind &&
            object.apiVersion.split('/')[0] === group &&
            (namespace === undefined || object.metadata.namespace === namespace) &&
            fitsSelector(object.metadata.labels ?? {}, labelSelector),
        )
        .map((stored) => (metadataOnly ? withoutContent(shown(stored)) : shown(stored)))
        .sort((a, b) => (keyInList(a) < keyInList(b) ? -1 : 1));
      return { items, resourceVersion: objects.resourceVersion };
    }),
    create: settled((object, write = {}) => {
      const ref = refOf(object);
      const traits = traitsOf(ref);
      demand(write, 'create', ref, traits);
      demandNamespace(ref);
      if (objects.get(ref) !== undefined)
        throw new SambandError(
          'CONFLICT',
          `${describeRef(ref)}: ${traits.plural} "${ref.name}" already exists`,
        );
      const tree = desiredTree(asStored(object), traits);
      const managed = updateFields({}, tree, new Map(), updater(ref.apiVersion, write));
      return answered(ref, objects.create(traits, ref, tree, managed, write.dryRun === true));
    }),
    replace: settled((object, write = {}) => {
      const ref = refOf(object);
      const traits = traitsOf(ref);
      demand(write, 'update', ref, traits);
      const before = demandThere(ref, traits);
      const { resourceVersion } = object.metadata;
      if (resourceVersion === undefined && traits.isCustom) {
        throw new SambandError(
          'KUBERNETES_INVALID',
          `${describeRef(ref)}: metadata.resourceVersion: must be specified for an update`,
        );
      }
      demandVersion(ref, before, object.metadata);
      const tree = desiredTree(asStored(object), traits);
      return update(ref, traits, before, tree, write);
    }),
    apply: settled((object, write: ApplyOptions) => {
      const ref = refOf(object);
      const traits = traitsOf(ref);
      demand(write, 'patch', ref, traits);
      const before = objects.get(ref);
      if (before === undefined) {
        demand(write, 'create', ref, traits);
        demandNamespace(ref);
        demandAbsent(ref, object.metadata);
      } else demandVersion(ref, before, object.metadata);
      const config = desiredTree(asStored(object), traits);
      const manager = { name: write.fieldManager, operation: 'Apply', apiVersion: ref.apiVersion } as const;
      const live = before === undefined ? {} : desiredTree(before.object, traits);
      const applied = applyFields(live, before?.managed ?? new Map(), config, manager, write.force === true);
      if (!applied.ok) throw fieldConflict(ref, applied.conflicts);
      const { tree, managed } = applied;
      const dryRun = write.dryRun === true;
      return answered(
        ref,
        before === undefined
          ? objects.create(traits, ref, tree, managed, dryRun)
          : objects.update(traits, ref, before, tree, managed, dryRun),
      );
    }),
    patch: settled((ref, patch, write = {}) => {
      const traits = traitsOf(ref);
      demand(write, 'patch', ref, traits);
      const before = demandThere(ref, traits);
      const patched = mergePatch(before.object, patch) as KubeObject;
      const given = (patch as { metadata?: KubeObject['metadata'] }).metadata;
      if (given !== undefined) demandVersion(ref, before, given);
      return update(ref, traits, before, desiredTree(asStored(patched), traits), write);
    }),
    patchStatus: settled(({ ref, status, resourceVersion }) => {
      traitsOf(ref);
      const before = objects.get(ref);
      if (before === undefined) return 'gone';
      if (resourceVersion !== undefined && resourceVersion !== before.object.metadata.resourceVersion)
        return 'conflict';
      objects.updateStatus(ref, before, mergePatch(before.object['status'] ?? {}, status));
      return 'written';
    }),
    delete: settled((ref, { as, uid, resourceVersion, dryRun, signal } = {}) => {
      const traits = traitsOf(ref);
      demand({ as, signal }, 'delete', ref, traits);
      const stored = objects.get(ref);
      if (stored === undefined) return false;
      const { metadata } = stored.object;
      if (uid !== undefined && metadata.uid !== uid) return false;
      if (resourceVersion !== undefined) demandVersion(ref, stored, { resourceVersion });
      if (dryRun !== true) objects.remove(traits, ref, stored);
      return true;
    }),
    discover: settled((kind) => {
      const traits = kinds.get(keyOfKind(kind));
      if (traits === undefined) return undefined;
      const { apiVersion, kind: name, plural, namespaced } = traits;
      return { apiVersion, kind: name, plural, namespaced };
    }),
    reviewToken: settled((token) => {
      const [, namespace, name] = /^token:([^:]+):([^:]+)$/.exec(token) ?? [];
      if (namespace === undefined || name === undefined) return undefined;
      const username = `system:serviceaccount:${namespace}:${name}`;
      return { username, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] };
    }),
    reviewAccess: settled(({ user, verb, group, resource, namespace, name = '' }) => {
      const kind = [...kinds.values()].find(
        ({ plural, apiVersion }) =>
          plural === resource && (apiVersion.includes('/') ? apiVersion.split('/')[0] : '') === group,
      );
      if (kind === undefined) return false;
      const { apiVersion } = kind;
      const ref = { apiVersion, kind: kind.kind, name, ...(namespace === undefined ? {} : { namespace }) };
      return memory.may(user, verb, ref);
    }),
    requestToken: settled((namespace, account) => `token:${namespace}:${account}`),
  };

  function update(
    ref: ObjectRef,
    traits: KindTraits,
    before: Stored,
    tree: Tree,
    write: WriteOptions,
  ): KubeObject {
    const live = desiredTree(before.object, traits);
    const managed = updateFields(live, tree, before.managed, updater(ref.apiVersion, write));
    return answered(ref, objects.update(traits, ref, before, tree, managed, write.dryRun === true));
  }

  return Object.assign(memory, { store: { ...single, ...bulkCalls(single) } });
}

function withoutContent({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

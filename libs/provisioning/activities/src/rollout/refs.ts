import { SambandError } from '@samband/errors';
import type { EntityRef } from '@samband/contract';
import {
  ourKind,
  serviceAccountUser,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type ResourceStore,
  type Rollout,
} from '@samband/resources';

export function rolloutRef({ namespace, name }: EntityRef): ObjectRef {
  return { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace, name };
}

export function sourceRef({ namespace, name }: EntityRef): ObjectRef {
  return { apiVersion: 'samband.dev/v1alpha1', kind: 'GitSource', namespace, name };
}

const managerPrefix = 'samband.dev/';

export interface RolloutContext {
  readonly rollout: Rollout;
  readonly source: GitSource;
  /** User that objects are applied as; the API server adds a service account's groups itself. */
  readonly identity: string;
  /** One per source, so that two sources claiming one object is a named problem. */
  readonly fieldManager: string;
}

/** Throws NOT_FOUND when it is gone. */
export async function readRollout(store: ResourceStore, ref: EntityRef): Promise<Rollout> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  if (rollout !== undefined) return rollout;
  throw new SambandError('NOT_FOUND', `Rollout ${ref.namespace}/${ref.name} is gone`);
}

/** Throws NOT_FOUND when the rollout or its source is gone. */
export async function readContext(store: ResourceStore, ref: EntityRef): Promise<RolloutContext> {
  const rollout = await readRollout(store, ref);
  const source = (await store.get(sourceRef({ namespace: ref.namespace, name: rollout.spec.source }))) as
    GitSource | undefined;
  if (source === undefined) {
    throw new SambandError(
      'NOT_FOUND',
      `GitSource ${ref.namespace}/${rollout.spec.source} is gone; its Rollout ${ref.name} cannot go on`,
    );
  }
  return {
    rollout,
    source,
    identity: serviceAccountUser(ref.namespace, source.spec.serviceAccountName),
    fieldManager: managerOf({ namespace: ref.namespace, name: rollout.spec.source }),
  };
}

/** How often an object that is written while it is judged is judged again; each time its status may have been written. */
export const judgedAgain = 5;

/** What is applied, for the object as it was judged and no other. */
export function asJudged(manifest: KubeObject, live: KubeObject): KubeObject {
  const { uid, resourceVersion } = live.metadata;
  if (uid === undefined || resourceVersion === undefined) return manifest;
  // By the version alone one that is gone would be made anew.
  return { ...manifest, metadata: { ...manifest.metadata, uid, resourceVersion } };
}

/** Our kinds the worker may read itself; of all others it sees what the service account may see. */
export function readerOf(ref: ObjectRef, identity: string): { as?: string } {
  return ourKind(ref) === undefined ? { as: identity } : {};
}

/** The field manager of what a source applies. */
export function managerOf({ namespace, name }: EntityRef): string {
  return `${managerPrefix}${namespace}.${name}`;
}

/** The source whose field manager it is. Namespaces have no dots. */
export function sourceOfManager(manager: string): EntityRef | undefined {
  if (!manager.startsWith(managerPrefix)) return undefined;
  const [namespace = '', ...name] = manager.slice(managerPrefix.length).split('.');
  return { namespace, name: name.join('.') };
}

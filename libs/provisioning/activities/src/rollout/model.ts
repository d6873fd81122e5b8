import type { KubeObject, ObjectRef } from '@samband/resources';
import type { GitFile, Problem } from '@samband/gitops';

/** Parts of a rollout's snapshot. */
export const parts = {
  /** The commit's manifests as text: a force-push cannot take them away. The last good set, once the rollout is. */
  tree: 'tree',
  /** What to do, and the objects before it. Written once, before anything is applied. */
  plan: 'plan',
  /** Of spaces and addresses that go: where their messages can be counted. */
  removals: 'removals',
  /** What was written, and at which generation. */
  ledger: 'ledger',
  /** What the way back wrote. */
  restored: 'restored',
} as const;

export interface TreeSnapshot {
  /** Folder that it was read from. */
  readonly path: string;
  readonly author: string;
  readonly subject: string;
  readonly files: readonly GitFile[];
  readonly problems: readonly Problem[];
}

export interface PlanSnapshot {
  readonly digest: string;
  /** In the order of applying; removals last, in the order of removing. */
  readonly entries: readonly PlannedEntry[];
}

export interface PlannedEntry {
  readonly action: 'add' | 'change' | 'remove';
  readonly ref: ObjectRef;
  readonly file: string;
  readonly line: number;
  /** What is applied; absent for removals. */
  readonly manifest?: KubeObject;
  /** The object as it was: what was last applied by this source, else all that is not the server's own. */
  readonly before?: KubeObject;
  /** Whether it was Ready before; an object that was not need not become so on the way back. */
  readonly wasReady: boolean;
  /** The source has applied that very object before: there is nothing to note of it. */
  readonly isInventoried?: true;
  /** Version of the object that `before` was read from; a removal of anything newer is a conflict. */
  readonly seen?: Version;
}

/** Generation where the kind counts them, else the resource version. */
export interface Version {
  readonly uid: string;
  readonly generation?: number;
  readonly resourceVersion: string;
}

export interface Ledger {
  /** By `refKey`. */
  readonly written: Readonly<Record<string, Version>>;
}

export function versionOf(object: KubeObject): Version {
  const { uid, generation, resourceVersion } = object.metadata;
  return {
    uid: uid ?? '',
    resourceVersion: resourceVersion ?? '',
    ...(generation === undefined ? {} : { generation }),
  };
}

/** Whether nobody but us touched what is desired of the object since. Status writes do not count. */
export function sameVersion(object: KubeObject, version: Version): boolean {
  const now = versionOf(object);
  if (now.uid !== version.uid) return false;
  return now.generation === undefined || version.generation === undefined
    ? now.resourceVersion === version.resourceVersion
    : now.generation === version.generation;
}

import {
  gitSourceSettings,
  isOfKind,
  kindRef,
  type GitProvider,
  type GitSource,
  type GitSourceSettings,
  type KubeObject,
} from '@samband/resources';
import type { LiveResources } from '../ports.js';
import { isNamespaceName, isObjectName } from '../support/names.js';

/** A GitSource that a webhook may be for. */
export interface Target {
  readonly source: GitSource;
  readonly settings: GitSourceSettings;
  readonly key: string;
}

/** Targets whose webhooks are signed alike: one signature is for all of them. */
export interface TargetGroup {
  readonly provider: GitProvider;
  readonly namespace: string;
  /** Name of the Secret; `undefined` when none is named, so that nothing can be signed. */
  readonly secret: string | undefined;
  readonly targets: readonly Target[];
}

/** Providers and secrets that one hook of a namespace is tried with; each costs two MACs over the whole body. */
export const maxGroups = 8;

/** Those that `/webhooks/<namespace>/<name>`, or without a name `/webhooks/<namespace>`, is the address of. */
export function findTargets(resources: LiveResources, namespace: string, name?: string): TargetGroup[] {
  if (!isNamespaceName(namespace)) return [];
  if (name === undefined) return signedAlike(namespace, resources.list(kindRef('GitSource'), namespace));
  if (!isObjectName(name)) return [];
  const source = resources.get({ ...kindRef('GitSource'), namespace, name });
  return source === undefined ? [] : [...groups(namespace, [source]).values()];
}

function signedAlike(namespace: string, sources: readonly KubeObject[]): TargetGroup[] {
  const found = [...groups(namespace, sources)].filter(([, { secret }]) => secret !== undefined);
  return found
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxGroups)
    .map(([, group]) => group);
}

function groups(namespace: string, sources: readonly KubeObject[]): Map<string, TargetGroup> {
  const found = new Map<string, TargetGroup & { targets: Target[] }>();
  for (const source of sources) {
    if (!isOfKind('GitSource', source)) continue;
    const target = toTarget(namespace, source);
    const { provider, webhookSecret } = target.settings;
    const key = `${provider} ${webhookSecret ?? ''}`;
    const group = found.get(key) ?? { provider, namespace, secret: webhookSecret, targets: [] };
    group.targets.push(target);
    found.set(key, group);
  }
  return found;
}

function toTarget(namespace: string, source: GitSource): Target {
  return { source, settings: gitSourceSettings(source.spec), key: `${namespace}/${source.metadata.name}` };
}

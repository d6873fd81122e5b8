import { SambandError } from '@samband/errors';
import type { KindRef, ServedKind } from '@samband/resources';
import { describeKind, versionPath } from './paths.js';
import { toKubernetesError } from './status-error.js';
import type { Transport } from './transport.js';

export interface Discovery {
  /** `undefined` when the API server does not serve the kind. */
  find(kind: KindRef): Promise<ServedKind | undefined>;
  /** Throws KUBERNETES_UNKNOWN_KIND when the API server does not serve it. */
  require(kind: KindRef): Promise<ServedKind>;
  /** Forgets a version, after its path turned out to be gone. */
  forget(apiVersion: string): void;
}

interface Entry {
  readonly loadedAt: number;
  readonly kinds: Promise<ReadonlyMap<string, ServedKind>>;
}

/** A kind that was missing may have been installed since: asked again, but not for each object of a commit. */
const missAgeMs = 2000;
const maxAgeMs = 600_000;
const maxEntries = 500;

export function createDiscovery(transport: Transport): Discovery {
  const versions = new Map<string, Entry>();

  const load = (apiVersion: string, maxAge: number): Entry => {
    const known = versions.get(apiVersion);
    if (known !== undefined && performance.now() - known.loadedAt < maxAge) return known;
    const entry = { loadedAt: performance.now(), kinds: readVersion(transport, apiVersion) };
    entry.kinds.catch(() => {
      if (versions.get(apiVersion) === entry) versions.delete(apiVersion);
    });
    if (versions.size >= maxEntries) versions.clear();
    versions.set(apiVersion, entry);
    return entry;
  };

  const find = async ({ apiVersion, kind }: KindRef): Promise<ServedKind | undefined> => {
    const found = (await load(apiVersion, maxAgeMs).kinds).get(kind);
    return found ?? (await load(apiVersion, missAgeMs).kinds).get(kind);
  };

  return {
    find,
    async require(kind) {
      const served = await find(kind);
      if (served !== undefined) return served;
      throw new SambandError(
        'KUBERNETES_UNKNOWN_KIND',
        `the Kubernetes API does not serve ${describeKind(kind)}`,
      );
    },
    forget(apiVersion) {
      versions.delete(apiVersion);
    },
  };
}

async function readVersion(
  transport: Transport,
  apiVersion: string,
): Promise<ReadonlyMap<string, ServedKind>> {
  const answer = await transport.send({ method: 'GET', path: versionPath(apiVersion) });
  if (answer.status === 404) return new Map();
  if (answer.status !== 200) {
    throw toKubernetesError(answer, { text: `kinds of ${apiVersion}`, kind: 'APIResourceList' });
  }
  const kinds = new Map<string, ServedKind>();
  const list = JSON.parse(answer.body) as {
    resources?: { name: string; kind: string; namespaced: boolean }[];
  };
  for (const { name, kind, namespaced } of list.resources ?? []) {
    // Names with a slash are subresources, e.g. `addresses/status`.
    if (!name.includes('/')) kinds.set(kind, { apiVersion, kind, plural: name, namespaced });
  }
  return kinds;
}

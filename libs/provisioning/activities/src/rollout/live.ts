import { errorCode } from '@samband/errors';
import {
  asApplied,
  parseManifests,
  problemAt,
  type LastGoodEntry,
  type LiveObjects,
  type ManifestDocument,
  type Owner,
  type ParsedFiles,
  type Problem,
} from '@samband/gitops';
import {
  describeRef,
  INFRA_NAMESPACE,
  keyOf,
  kindNames,
  kindRef,
  ourKind,
  refOf,
  type GitSource,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import { rolloutsOf } from './made.js';
import { parts, type TreeSnapshot } from './model.js';
import { readerOf, type RolloutContext } from './refs.js';

export interface LastGood {
  /** Name of its rollout. */
  readonly rollout?: string;
  readonly entries: readonly LastGoodEntry[];
  readonly manifests: ReadonlyMap<string, KubeObject>;
}

/**
 * What the last commit that passed its commit point declared; nothing when there was none. Read anew from its
 * texts, most of which are those of the next commit.
 */
export async function readLastGood(
  ports: Ports,
  source: GitSource,
  { except, known }: { readonly except?: string; readonly known?: ParsedFiles } = {},
): Promise<LastGood> {
  const { name, namespace = '' } = source.metadata;
  const owner = { source: name, sourceNamespace: namespace };
  const committed = rolloutsOf(ports, source)
    .filter(
      ({ metadata, status }) =>
        metadata.name !== except &&
        status?.steps?.some(({ name, phase }) => name === 'commit' && phase === 'Succeeded'),
    )
    .sort((a, b) => (committedAt(b) < committedAt(a) ? -1 : 1));
  for (const { metadata } of committed) {
    const tree = (await new Snapshots(ports.store).readIfThere(
      { namespace, name: metadata.name },
      parts.tree,
    )) as TreeSnapshot | undefined;
    if (tree === undefined) continue;
    const { documents } = parseManifests(tree.files, {
      defaultNamespace: namespace,
      ...(known === undefined ? {} : { known }),
    });
    return { rollout: metadata.name, ...declaredIn(documents, owner, ports.sha256) };
  }
  return { entries: [], manifests: new Map() };
}

function declaredIn(
  documents: readonly ManifestDocument[],
  owner: Owner,
  sha256: Ports['sha256'],
): Pick<LastGood, 'entries' | 'manifests'> {
  const entries = documents.map((document) => asApplied(document, owner, sha256));
  return { entries, manifests: new Map(entries.map(({ key, manifest }) => [key, manifest])) };
}

export function committedAt(rollout: {
  status?: { steps?: { name: string; finishedAt?: string }[] };
}): string {
  return rollout.status?.steps?.findLast(({ name }) => name === 'commit')?.finishedAt ?? '';
}

/**
 * Objects that the judgement needs: ours from the watch, all of the namespaces concerned; others one by one, as
 * the service account may read them. Kinds that the API server does not serve become problems.
 */
export async function readLive(
  ports: Ports,
  context: RolloutContext,
  documents: readonly ManifestDocument[],
  lastGood: readonly LastGoodEntry[],
  problems: Problem[],
): Promise<LiveObjects> {
  const live = new Map<string, KubeObject>();
  const namespaces = new Set([INFRA_NAMESPACE, context.source.metadata.namespace ?? '']);
  /** Of kinds that nobody watches, by key. */
  const foreign = new Map<string, { ref: ObjectRef; document?: ManifestDocument }>();
  for (const { ref, key } of lastGood) {
    if (ref.namespace !== undefined) namespaces.add(ref.namespace);
    if (ourKind(ref) === undefined) foreign.set(key, { ref });
  }
  for (const document of documents) {
    const { object } = document;
    if (object.metadata.namespace !== undefined) namespaces.add(object.metadata.namespace);
    if (ourKind(object) === undefined) foreign.set(keyOf(object), { ref: refOf(object), document });
  }
  for (const kind of kindNames) {
    // A Rollout tells of its source in the same labels, but is no object of the repository.
    if (kind === 'Rollout') continue;
    for (const namespace of namespaces) {
      for (const object of ports.view.list(kindRef(kind), namespace)) live.set(keyOf(object), object);
    }
  }
  for (const [key, { ref, document }] of foreign) {
    const problem = (code: Parameters<typeof problemAt>[1], message: string): void => {
      if (document !== undefined) problems.push(problemAt(document, code, message, ref));
    };
    const served = await ports.store.discover(ref);
    if (served === undefined) {
      problem(
        'KIND_NOT_SERVED',
        `the API server does not know ${ref.kind} (${ref.apiVersion}): install its CustomResourceDefinition, or remove the object`,
      );
      continue;
    }
    try {
      const object = await ports.store.get(ref, readerOf(ref, context.identity));
      if (object !== undefined) live.set(key, object);
    } catch (error) {
      if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
      problem(
        'FORBIDDEN',
        `${context.identity} may not read ${describeRef(ref)}: grant it get, create, patch and delete on ${served.plural}`,
      );
    }
  }
  return live;
}

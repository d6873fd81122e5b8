import { errorCode } from '@samband/errors';
import {
  asApplied,
  isSameOwner,
  nearestKind,
  ownerOf,
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
  operatorKinds,
  ourKind,
  refKey,
  refOf,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type Rollout,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import { committedAt, newestFirst } from '../source/rollout-view.js';
import { rolloutsOf } from './made.js';
import { parts, type PlanSnapshot, type TreeSnapshot } from './model.js';
import { parseInTurns } from './parse-in-turns.js';
import { readerOf, type RolloutContext } from './refs.js';
import { visibleIn } from './visible.js';

export interface LastGood {
  /** Name of its rollout. */
  readonly rollout?: string;
  readonly entries: readonly LastGoodEntry[];
  readonly manifests: ReadonlyMap<string, KubeObject>;
  /** Of kinds that nobody watches: what its rollout was to remove, and may not have. */
  readonly leftBehind: readonly ObjectRef[];
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
  const committed = newestFirst(await rolloutsOf(ports, source)).filter(
    (rollout) => rollout.metadata.name !== except && committedAt(rollout) !== undefined,
  );
  for (const rollout of committed) {
    const tree = (await new Snapshots(ports.store).readIfThere(rollout, parts.tree)) as
      TreeSnapshot | undefined;
    if (tree === undefined) continue;
    const { documents } = await parseInTurns(tree.files, {
      defaultNamespace: namespace,
      ...(known === undefined ? {} : { known }),
    });
    return {
      rollout: rollout.metadata.name,
      ...declaredIn(documents, owner, ports.sha256),
      leftBehind: rollout.status?.phase === 'Failed' ? await readRemovals(ports, rollout) : [],
    };
  }
  return { entries: [], manifests: new Map(), leftBehind: [] };
}

/** A rollout that failed after its commit point was stuck at removals; once another has begun, it never resumes them. */
async function readRemovals({ store }: Ports, rollout: Rollout): Promise<ObjectRef[]> {
  const plan = (await new Snapshots(store).readIfThere(rollout, parts.plan)) as PlanSnapshot | undefined;
  return (plan?.entries ?? [])
    .filter(({ action, ref }) => action === 'remove' && ourKind(ref) === undefined)
    .map(({ ref }) => ref);
}

function declaredIn(
  documents: readonly ManifestDocument[],
  owner: Owner,
  sha256: Ports['sha256'],
): Pick<LastGood, 'entries' | 'manifests'> {
  const entries = documents.map((document) => asApplied(document, owner, sha256));
  return { entries, manifests: new Map(entries.map(({ key, manifest }) => [key, manifest])) };
}

/**
 * Objects that the judgement needs: ours from the watch, all of the source's own namespace, of others those that its
 * service account may see; other kinds one by one, as the service account may read them. What may not be read, and
 * kinds that the API server does not serve, become problems.
 */
export async function readLive(
  ports: Ports,
  context: RolloutContext,
  documents: readonly ManifestDocument[],
  /** What the source has applied, as far as that is known. */
  known: readonly ObjectRef[],
  problems: Problem[],
): Promise<LiveObjects> {
  const home = context.source.metadata.namespace ?? '';
  const live = new Map<string, KubeObject>();
  /** Documents of ours, by namespace. */
  const ours = new Map<string, ManifestDocument[]>([
    [home, []],
    [INFRA_NAMESPACE, []],
  ]);
  /** Of kinds that nobody watches, by key. */
  const others = new Map<string, Other>();
  for (const ref of known) {
    if (ourKind(ref) === undefined) others.set(refKey(ref), { ref });
    else if (ref.namespace !== undefined && !ours.has(ref.namespace)) ours.set(ref.namespace, []);
  }
  for (const document of documents) {
    const { object } = document;
    const { namespace } = object.metadata;
    if (ourKind(object) === undefined) others.set(keyOf(object), { ref: refOf(object), document });
    else if (namespace !== undefined) {
      const there = ours.get(namespace);
      if (there === undefined) ours.set(namespace, [document]);
      else there.push(document);
    }
  }
  for (const [key, other] of others) {
    const object = await readOther(ports, context, other, problems);
    if (object !== undefined) live.set(key, object);
  }
  const owner = { source: context.source.metadata.name, sourceNamespace: home };
  for (const [namespace, there] of ours) {
    const isHome = namespace === home;
    const visible = isHome ? undefined : await visibleIn(ports, context, namespace, there);
    // In a namespace that comes with this very commit there is nothing to see, and no right to see it yet.
    const unseen = isNew(namespace, others, live) ? [] : (visible?.problems ?? []);
    // One by one: as arguments of one call there may be more of them than the stack holds.
    for (const problem of unseen) problems.push(problem);
    for (const kind of kindNames) {
      // A Rollout tells of its source in the same labels, but is no object of the repository.
      if (kind === 'Rollout') continue;
      const isSeen =
        isHome ||
        visible?.kinds.has(kind) === true ||
        (namespace === INFRA_NAMESPACE && operatorKinds.has(kind));
      for (const object of ports.view.list(kindRef(kind), namespace)) {
        if (isSeen || isSameOwner(ownerOf(object), owner)) live.set(keyOf(object), object);
      }
    }
  }
  return live;
}

interface Other {
  readonly ref: ObjectRef;
  readonly document?: ManifestDocument;
}

async function readOther(
  ports: Ports,
  { identity }: RolloutContext,
  { ref, document }: Other,
  problems: Problem[],
): Promise<KubeObject | undefined> {
  const problem = (code: Parameters<typeof problemAt>[1], message: string): void => {
    if (document !== undefined) problems.push(problemAt(document, code, message, ref));
  };
  const served = await ports.store.discover(ref);
  if (served === undefined) {
    problem('KIND_NOT_SERVED', notServed(ref));
    return undefined;
  }
  try {
    return await ports.store.get(ref, readerOf(ref, identity));
  } catch (error) {
    if (errorCode(error) !== 'KUBERNETES_FORBIDDEN') throw error;
    problem(
      'FORBIDDEN',
      `${identity} may not read ${describeRef(ref)}: grant it get, create, patch and delete on ${served.plural}`,
    );
    return undefined;
  }
}

function notServed({ apiVersion, kind }: ObjectRef): string {
  const unknown = `the API server does not know ${kind} (${apiVersion})`;
  if (kind === 'Template' && /^(?:template\.openshift\.io\/)?v1$/.test(apiVersion))
    return `${unknown}: a template is no object yet; process it (oc process, or by hand) and commit what comes of it`;
  const near = nearestKind(kind);
  if (near !== undefined) return `${unknown}: did you mean ${near} (${kindRef(near).apiVersion})?`;
  return `${unknown}: install its CustomResourceDefinition, or remove the object`;
}

/** Whether the commit declares the namespace, and it is not there. */
function isNew(
  name: string,
  others: ReadonlyMap<string, Other>,
  live: ReadonlyMap<string, KubeObject>,
): boolean {
  const key = refKey({ apiVersion: 'v1', kind: 'Namespace', name });
  return others.get(key)?.document !== undefined && !live.has(key);
}

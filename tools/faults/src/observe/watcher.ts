import { createResourceStore, createResourceView } from '@samband/kubernetes';
import {
  describeRef,
  keyOf,
  kindRef,
  refKey,
  refOf,
  type KubeObject,
  type ObjectRef,
  type Rollout,
} from '@samband/resources';
import { conditionOf, patience, statusOf, type Kind } from '@samband/driver';
import { eventually } from '@samband/testing';
import { untrue } from './claims.js';

const kinds = ['Rollout', 'AddressSpace', 'Address', 'MessagingUser'] as const satisfies readonly Kind[];

/** Listens to every status of the stack, whatever becomes of the API server, and judges it. */
export interface Watcher {
  /** What was claimed and was not so, of one namespace, judged when everything that is there now was seen. */
  complaints(namespace: string): Promise<string[]>;
  stop(): void;
}

export async function watchStatuses(kubeconfig: string): Promise<Watcher> {
  const complaints: { readonly namespace: string; readonly text: string }[] = [];
  /** Every version of each object that was seen, in order. */
  const histories = new Map<string, { readonly ref: ObjectRef; readonly versions: Version[] }>();
  const complain = (namespace = '', text: string): void => {
    complaints.push({ namespace, text });
  };

  const view = await createResourceView({ kubeconfig }, { kinds: kinds.map((kind) => kindRef(kind)) });
  view.subscribe(({ ref, before, after }) => {
    const known = histories.get(refKey(ref)) ?? { ref, versions: [] };
    histories.set(refKey(ref), known);
    if (after === undefined) return;
    known.versions.push(versionOf(after));
    for (const text of untrue(before, after)) complain(ref.namespace, text);
  });
  await view.ready;

  const store = createResourceStore({ kubeconfig });
  /** After a break of the API server the watch of one kind goes on seconds before that of another. */
  const caughtUp = async (namespace: string): Promise<boolean> => {
    const lists = await Promise.all(kinds.map((kind) => store.list(kindRef(kind), { namespace })));
    return lists
      .flatMap(({ items }) => items)
      .every((object) => revisionOf(view.get(refOf(object))) >= revisionOf(object));
  };

  /** Each rollout that succeeded had, when it said so, everything of its plan Ready once as it was then. */
  const early = (namespace: string): string[] =>
    view
      .list(kindRef('Rollout'), namespace)
      .flatMap((rollout) => successOf(rollout as unknown as Rollout, histories.get(keyOf(rollout))))
      .flatMap(({ name, at, names }) =>
        [...histories.values()].flatMap(({ ref, versions }) => {
          if (!names.has(describeRef(ref))) return [];
          const until = versions.filter(({ version }) => version <= at);
          const last = until.at(-1);
          if (ref.kind === 'Rollout' || last === undefined) return [];
          const wasReady = until.some(({ generation, ready }) => ready && generation === last.generation);
          return wasReady ? [] : [`Rollout ${name} succeeded before ${ref.kind} ${ref.name} was Ready`];
        }),
      );

  return {
    async complaints(namespace) {
      await eventually(() => caughtUp(namespace), patience);
      return [
        ...complaints.filter((one) => one.namespace === namespace).map(({ text }) => text),
        ...early(namespace),
      ];
    },
    stop: () => {
      view.stop();
      store.close();
    },
  };
}

interface Version {
  readonly version: number;
  readonly generation: number;
  /** Ready at the generation that it has. */
  readonly ready: boolean;
  readonly succeeded: boolean;
}

function versionOf(object: KubeObject): Version {
  const { generation = 0 } = object.metadata;
  return {
    version: revisionOf(object),
    generation,
    ready:
      conditionOf(object, 'Ready').status === 'True' && statusOf(object).observedGeneration === generation,
    succeeded: statusOf(object)['phase'] === 'Succeeded',
  };
}

/** Of the store: one counter for all objects. */
function revisionOf(object: KubeObject | undefined): number {
  return Number(object?.metadata.resourceVersion ?? '0');
}

/** When a rollout first said that it succeeded, and what it added or changed. */
function successOf(
  { metadata, status }: Rollout,
  history: { readonly versions: readonly Version[] } | undefined,
): { name: string; at: number; names: ReadonlySet<string> }[] {
  const first = history?.versions.find(({ succeeded }) => succeeded);
  if (first === undefined) return [];
  const changed = (status?.plan?.entries ?? []).filter(
    ({ action }) => action === 'add' || action === 'change',
  );
  return [
    {
      name: metadata.name,
      at: first.version,
      names: new Set(changed.map(({ resource }) => resource)),
    },
  ];
}

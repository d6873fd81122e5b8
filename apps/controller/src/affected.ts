import {
  changesWhatIsWanted,
  isOfKind,
  labels,
  ourKind,
  spaceOfAddress,
  type KubeObject,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';
import { targetKey, type Target } from './targets.js';
import { indexNames, waitsFor } from './watched.js';

export type World = Pick<ResourceView, 'byIndex'>;

/** Which workflows a change concerns. */
export function affected(change: ResourceChange, world: World): Target[] {
  const object = change.after ?? change.before;
  if (object === undefined) return [];
  if (!changesWhatIsWanted(change)) return saysWhatItWaitsFor(change) ? sourceOf(object) : [];
  return unique(
    [change.before, change.after].flatMap((state) =>
      state === undefined ? [] : concerns(state, change, world),
    ),
  );
}

function concerns(object: KubeObject, change: ResourceChange, world: World): Target[] {
  const { name, namespace = '' } = object.metadata;
  const exporter = exporterOf(object, change);
  if (object.kind === 'Secret')
    return [
      ...exporter,
      ...spacesOf(world.byIndex(indexNames.usersBySecret, `${namespace}/${name}`)),
      ...toSpaces(world.byIndex(indexNames.spacesBySecret, `${namespace}/${name}`)),
    ];
  if (object.kind === 'ConfigMap' || object.kind === 'Service') return exporter;
  const kind = ourKind(object)?.kind;
  switch (kind) {
    case 'AddressSpace':
    case 'ParkedSpace':
      return [{ kind: 'space', namespace, name }];
    case 'AddressSpacePlan':
      return spacesWithPlans(world, [name]);
    case 'AddressPlan':
      return spacesWithPlans(world, namesOf(world.byIndex(indexNames.plansByAddressPlan, name)));
    case 'BrokeredInfraConfig':
      return spacesWithPlans(
        world,
        namesOf(world.byIndex(indexNames.plansByInfraConfig, `brokered/${name}`)),
      );
    case 'StandardInfraConfig':
      return spacesWithPlans(
        world,
        namesOf(world.byIndex(indexNames.plansByInfraConfig, `standard/${name}`)),
      );
    case 'AuthenticationService':
      // Which one is the default depends on all of them.
      return [name, ''].flatMap((service) =>
        toSpaces(world.byIndex(indexNames.spacesByAuthentication, service)),
      );
    case 'GitSource':
      return [{ kind: 'source', namespace, name }];
    case 'Rollout':
      // The source makes rollouts and starts each in its turn: only requests and removals come from others.
      if (change.before === undefined) return [];
      if (change.after === undefined)
        return [{ kind: 'rollout', namespace, name, isGone: true }, ...sourceOf(object)];
      return hasWorkflow(object)
        ? [{ kind: 'rollout', namespace, name }, ...sourceOf(object)]
        : sourceOf(object);
    // The worker follows them for itself, and tells their spaces.
    case 'Address':
    case 'MessagingUser':
    case 'AddressSpaceSchema':
    case undefined:
      return [];
  }
}

/** The space whose export was changed or removed; that it is made is its own doing. */
function exporterOf({ metadata }: KubeObject, { before }: ResourceChange): Target[] {
  if (before === undefined) return [];
  return (metadata.ownerReferences ?? [])
    .filter((owner) => ourKind(owner)?.kind === 'AddressSpace')
    .map(({ name }) => ({ kind: 'space' as const, namespace: metadata.namespace ?? '', name }));
}

function spacesOf(objects: readonly KubeObject[]): Target[] {
  return objects.flatMap(({ metadata: { namespace = '', name } }) => {
    const space = spaceOfAddress(name);
    return space === undefined ? [] : [{ kind: 'space' as const, namespace, name: space }];
  });
}

/** A rollout says this at a bounded rate, and its source repeats it. */
function saysWhatItWaitsFor({ before, after }: ResourceChange): boolean {
  const said = waitsFor(after);
  return said !== undefined && said !== waitsFor(before);
}

/** To signal one that has not would start it. */
function hasWorkflow(object: KubeObject): boolean {
  return isOfKind('Rollout', object) && (object.status?.steps ?? []).length > 0;
}

function sourceOf(rollout: KubeObject): Target[] {
  const { namespace = '', labels: labelled } = rollout.metadata;
  const name = labelled?.[labels.source] ?? (isOfKind('Rollout', rollout) ? rollout.spec.source : undefined);
  return name === undefined ? [] : [{ kind: 'source', namespace, name }];
}

function spacesWithPlans(world: World, plans: readonly string[]): Target[] {
  return plans.flatMap((plan) => toSpaces(world.byIndex(indexNames.spacesByPlan, plan)));
}

function toSpaces(spaces: readonly KubeObject[]): Target[] {
  return spaces.map(({ metadata: { namespace = '', name } }) => ({ kind: 'space', namespace, name }));
}

function namesOf(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

function unique(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [targetKey(target), target])).values()];
}

import {
  annotations,
  isOfKind,
  labels,
  ourKind,
  requestAnnotations,
  spaceOfAddress,
  type KubeObject,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';
import { targetKey, type Target } from './targets.js';
import { indexNames } from './watched.js';

export type World = Pick<ResourceView, 'byIndex'>;

/** A change of one of these says something of what is wanted; all others are notes, also ours. */
const meaningfulAnnotations = [...requestAnnotations, annotations.definedBy];

/**
 * Which workflows a change concerns. Writes of a status, of labels, finalizers or other annotations concern
 * nobody: a workflow's own writes must not wake it.
 */
export function affected(change: ResourceChange, world: World): Target[] {
  const object = change.after ?? change.before;
  if (object === undefined || !isMeaningful(change)) return [];
  return unique(
    [change.before, change.after].flatMap((state) =>
      state === undefined ? [] : concerns(state, change, world),
    ),
  );
}

function concerns(object: KubeObject, change: ResourceChange, world: World): Target[] {
  const { name, namespace = '' } = object.metadata;
  if (object.kind === 'Secret')
    return spacesOf(world.byIndex(indexNames.usersBySecret, `${namespace}/${name}`));
  const kind = ourKind(object)?.kind;
  switch (kind) {
    case 'AddressSpace':
      return [{ kind: 'space', namespace, name }];
    case 'Address':
    case 'MessagingUser':
      return spacesOf([object]);
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
      // The source makes rollouts and starts them: only requests and removals come from others.
      return change.before === undefined ? [] : [{ kind: 'rollout', namespace, name }, ...sourceOf(object)];
    case 'AddressSpaceSchema':
    case undefined:
      return [];
  }
}

/** The space of each Address or MessagingUser, also one that does not exist: its workflow says so in their status. */
export function spacesOf(objects: readonly KubeObject[]): Target[] {
  return objects.flatMap(({ metadata: { namespace = '', name } }) => {
    const space = spaceOfAddress(name);
    return space === undefined ? [] : [{ kind: 'space' as const, namespace, name: space }];
  });
}

function isMeaningful({ before, after }: ResourceChange): boolean {
  if (before === undefined || after === undefined) return true;
  const was = before.metadata;
  const is = after.metadata;
  if (was.deletionTimestamp !== is.deletionTimestamp) return true;
  // Kinds without generations, like Secrets, are nothing but what they say.
  if (was.generation === undefined || is.generation === undefined)
    return was.resourceVersion !== is.resourceVersion;
  if (was.generation !== is.generation) return true;
  return meaningfulAnnotations.some((name) => was.annotations?.[name] !== is.annotations?.[name]);
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

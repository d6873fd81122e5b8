import { annotations, ourKind, type GitSourceSpec, type ObjectRef } from '@samband/resources';
import type { Owner } from './ownership.js';
import { quote } from './problems.js';

export interface GuardedPlan {
  /** Objects that the commit removes. */
  readonly removals: readonly ObjectRef[];
  /** Objects of the source that it still holds. */
  readonly kept: readonly ObjectRef[];
}

export type GuardLimits = NonNullable<GitSourceSpec['guard']>;

/** With any of these goes all that is in it, or that it has brought itself. */
const containers: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'GitSource']);

/**
 * Why somebody has to confirm what a commit removes; nothing: it may go on by itself. Roles, ConfigMaps and the like
 * that stay do not make a commit harmless that takes all messaging away. Who allows 100 % is never asked about
 * everything.
 */
export function judgeRemovals({ removals, kept }: GuardedPlan, limits: GuardLimits): string[] {
  if (removals.length === 0) return [];
  const { maxRemovals = Infinity, maxRemovalPercent } = limits;
  const held = removals.length + kept.length;
  const reasons: string[] = [];
  if (maxRemovalPercent !== 100) reasons.push(...judgeLoss({ removals, kept }));
  if (removals.length > maxRemovals)
    reasons.push(`${removals.length} objects, where spec.guard.maxRemovals is ${maxRemovals}`);
  if (maxRemovalPercent !== undefined && removals.length * 100 > maxRemovalPercent * held)
    reasons.push(
      `${removals.length} of its ${held} objects, where spec.guard.maxRemovalPercent is ${maxRemovalPercent}`,
    );
  return reasons;
}

function judgeLoss({ removals, kept }: GuardedPlan): string[] {
  if (kept.length === 0) return ['everything that the source has brought'];
  const losesAll = (of: (ref: ObjectRef) => boolean): boolean => removals.some(of) && !kept.some(of);
  const isOurs = (ref: ObjectRef): boolean => ourKind(ref) !== undefined;
  if (losesAll(isOurs)) return ['everything for messaging that the source has brought'];
  const whole = removals.filter(({ kind }) => containers.has(kind));
  return [
    ...(losesAll(({ kind }) => kind === 'AddressSpace') ? ['every AddressSpace of the source'] : []),
    ...(whole.length > 0 ? [`all that belongs to ${summarise(whole, '')}`] : []),
  ];
}

export interface Confirmation {
  readonly reasons: readonly string[];
  readonly removals: readonly ObjectRef[];
  readonly owner: Owner;
  /** Name of the Rollout. */
  readonly rollout: string;
  /** Of the plan. */
  readonly digest: string;
  /** What was confirmed of it, if anything. */
  readonly confirmed: string | undefined;
  /** What else is to be known before one agrees, each a sentence. */
  readonly notes?: readonly string[];
}

/** What a plan would remove, why that is asked about, and what to do: before the list, which may be cut. */
export function askForConfirmation(asked: Confirmation): string {
  const { reasons, removals, owner, rollout, digest, confirmed, notes = [] } = asked;
  const { sourceNamespace: namespace } = owner;
  return [
    `this commit would remove ${reasons.join(', and ')}. Nothing was changed.`,
    ...(confirmed === undefined
      ? []
      : [`What was confirmed (${quote(confirmed, 12)}) is not this plan, which has changed since.`]),
    ...notes,
    `If it is meant: kubectl annotate rollout ${rollout} -n ${namespace} ${annotations.confirm}=${digest} --overwrite.`,
    'If not, push a commit that holds what is missing: it takes over at once.',
    `To be removed: ${summarise(removals, namespace)}.`,
  ].join(' ');
}

/** Those that take most with them come first. */
const gravity = [...containers, 'AddressSpace', 'Address', 'MessagingUser'];
const namesPerKind = 3;
const kindsNamed = 12;

/** Counts by kind, with the first names of each. */
function summarise(refs: readonly ObjectRef[], home: string): string {
  const byKind = new Map<string, ObjectRef[]>();
  for (const ref of refs) {
    const same = byKind.get(ref.kind);
    if (same === undefined) byKind.set(ref.kind, [ref]);
    else same.push(ref);
  }
  const kinds = [...byKind].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const named = kinds.slice(0, kindsNamed).map(([kind, objects]) => {
    const names = objects.slice(0, namesPerKind).map(({ name, namespace = home }) => {
      return namespace === home ? quoteName(name) : `${namespace}/${quoteName(name)}`;
    });
    return `${objects.length} ${kind} (${names.join(', ')}${objects.length > namesPerKind ? ', …' : ''})`;
  });
  const more = kinds.length - named.length;
  return `${named.join(', ')}${more > 0 ? `, and ${more} other kinds` : ''}`;
}

function rank(kind: string): number {
  const place = gravity.indexOf(kind);
  return place < 0 ? gravity.length : place;
}

function quoteName(name: string): string {
  return quote(name, 60).slice(1, -1);
}

import { ourKind, refOf, spaceOfAddress } from '@samband/resources';
import { judgeQuota as judgeSpaceQuota, type QuotaEntry, type ResolvedSpacePlan } from '@samband/plans';
import { type EndObject, type EndState } from './end-state.js';
import { textAt, valueAt } from './values.js';
import type { ManifestDocument } from './manifest.js';
import type { Problem } from './ports.js';
import { problemAt, sortProblems } from './problems.js';

/**
 * Judges the quota of every brokered space that a commit declares or declares addresses of, on the end state:
 * addresses of other owners count, removed ones do not; and where that fits, on the state just before it, since what a commit
 * removes stays until all it brings is in force. Spaces whose plan is missing or unusable are left to
 * `validateDocuments`. Call it with documents that `validateDocuments` has no problem with, and the end state it used.
 */
export function judgeQuota(documents: readonly ManifestDocument[], end: EndState): Problem[] {
  const problems: Problem[] = [];
  for (const { namespace, space } of touchedSpaces(documents)) {
    const plan = end.spacePlan(namespace, space);
    if (plan?.broker !== undefined) problems.push(...judgeSpace(namespace, space, plan, end));
  }
  return sortProblems(problems);
}

function touchedSpaces(documents: readonly ManifestDocument[]): { namespace: string; space: string }[] {
  const spaces = new Map<string, { namespace: string; space: string }>();
  for (const { object } of documents) {
    const kind = ourKind(object)?.kind;
    const { name, namespace = '' } = object.metadata;
    const space = kind === 'AddressSpace' ? name : kind === 'Address' ? spaceOfAddress(name) : undefined;
    if (space !== undefined) spaces.set(`${namespace}/${space}`, { namespace, space });
  }
  return [...spaces.values()];
}

function judgeSpace(namespace: string, space: string, plan: ResolvedSpacePlan, end: EndState): Problem[] {
  const { broker, limits } = plan;
  if (broker === undefined || limits.broker === undefined) return [];
  const ends = new Map(end.addressesOf(namespace, space).map((one) => [one.object.metadata.name, one]));
  const leaving = end.leavingOf(namespace, space);
  const refusedOf = (some: readonly EndObject[]): readonly { name: string; message: string }[] =>
    judgeSpaceQuota(
      some.map((one) => toQuotaEntry(one, plan)),
      {
        brokerMicros: limits.broker ?? 0,
        maxQueues: broker.maxQueues,
        planName: plan.name,
        infraConfig: plan.infraConfig,
        heapMiB: broker.heapMiB,
      },
    ).refused;
  const atTheEnd = refusedOf([...ends.values()]);
  const refused =
    atTheEnd.length > 0 || leaving.length === 0
      ? atTheEnd
      : refusedOf([...ends.values(), ...leaving]).map(({ name, message }) => ({
          name,
          message: `${message}; it fits once ${leaving.length} others that this commit removes are gone: remove them with a commit of their own first`,
        }));
  const spaceDocument = end.get('enmasse.io/v1beta1', 'AddressSpace', namespace, space)?.document;
  return refused.flatMap(({ name, message }) => {
    // An address of another owner is no mistake of this commit, unless the commit shrinks the space.
    const own = ends.get(name)?.document;
    const document = own ?? spaceDocument;
    if (document === undefined) return [];
    const place = { file: document.file, line: document.lineOf(['spec', 'plan']) };
    return [problemAt(place, 'QUOTA_EXCEEDED', message, refOf(document.object))];
  });
}

function toQuotaEntry({ object, live }: EndObject, plan: ResolvedSpacePlan): QuotaEntry {
  const planName = textAt(object, 'spec', 'plan') ?? '';
  const creationTimestamp = live?.metadata.creationTimestamp;
  return {
    name: object.metadata.name,
    brokerMicros: plan.addressPlans.get(planName)?.brokerMicros ?? 0,
    isReady: valueAt(live, ['status', 'isReady']) === true,
    ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
  };
}

import { ourKind, type ObjectRef, type Reason } from '@samband/resources';

const plans = ['AddressSpacePlan', 'AddressPlan', 'BrokeredInfraConfig', 'StandardInfraConfig'];
/** What the rights of an account hang on. */
export const rightsKinds: readonly string[] = [
  'Namespace',
  'ServiceAccount',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
];

/** Reasons that lie in other objects than the one that is not ready, and the kinds of those that can mend it. */
const mendedBy: Partial<Record<Reason, readonly string[]>> = {
  UnknownPlan: plans,
  PlanFailed: plans,
  PlanNotAllowed: plans,
  UnknownInfraConfig: plans,
  UnknownAddressPlan: plans,
  MissingLimits: plans,
  MissingResources: plans,
  UnknownAuthenticationService: ['AuthenticationService'],
  UnknownAddressSpace: ['AddressSpace'],
  UnknownTopic: ['Address'],
  UnknownDeadletter: ['Address'],
  DuplicateAddress: ['Address'],
  QuotaExceeded: plans,
  CapacityExceeded: plans,
  MemoryExhausted: plans,
  UnknownSecret: ['Secret'],
  Invalid: ['Secret'],
  ExportForbidden: rightsKinds,
  ExportNotOurs: ['ConfigMap', 'Secret'],
};

/** Reasons of too much, and the kinds of which a smaller one makes room; one that is added never does. */
const relievedBy: Partial<Record<Reason, readonly string[]>> = {
  QuotaExceeded: ['AddressSpace', 'Address'],
  CapacityExceeded: ['AddressSpace', 'Address'],
  MemoryExhausted: ['AddressSpace'],
};

/** Whether it may be there to make Secrets, in its time: a kind that somebody defined (an external secret), or a job. */
function mayMake({ apiVersion, kind }: ObjectRef): boolean {
  const [group = ''] = apiVersion.split('/');
  const isDefined =
    group.includes('.') && !group.endsWith('.k8s.io') && ourKind({ apiVersion, kind }) === undefined;
  return isDefined || kind === 'Job' || kind === 'CronJob';
}

/** What a commit adds or changes. */
export interface Brought {
  readonly ref: ObjectRef;
  readonly action: string;
}

/**
 * What may yet mend an object that is not ready. `none`: nothing that moves can. `soon`: what the commit brought lies there
 * already, and whoever looks at the object may not have seen it yet. `open`: the commit brought what may make it.
 */
export type Prospect = 'none' | 'soon' | 'open';

/** Whether an object is not ready for a reason that does not lie in itself. */
export function liesElsewhere(reason: string): boolean {
  return Object.hasOwn(mendedBy, reason);
}

/** @param others what the same commit brought besides the object */
export function prospectOf(reason: string, others: readonly Brought[]): Prospect {
  const mends = mendedBy[reason as Reason] ?? [];
  const relieves = relievedBy[reason as Reason] ?? [];
  if (mends.includes('Secret') && others.some(({ ref }) => mayMake(ref))) return 'open';
  const isMender = ({ ref: { kind }, action }: Brought): boolean =>
    mends.includes(kind) || (action === 'change' && relieves.includes(kind));
  return others.some(isMender) ? 'soon' : 'none';
}

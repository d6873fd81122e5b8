import type { Condition } from './object.js';

export const conditionTypes = {
  /** The object does what its spec says. */
  ready: 'Ready',
  /** Work is under way towards what the spec says. */
  reconciling: 'Reconciling',
  /** Nothing more will happen until someone changes something; Ready says what. */
  stalled: 'Stalled',
  /** False: an endpoint's certificate is not from the provider that was asked for. */
  certificateAsRequested: 'CertificateAsRequested',
  /** False: not every export could be written or withdrawn. */
  exported: 'Exported',
  /** True: the spec has fields that are understood and not served; there only while it is so. */
  fieldsIgnored: 'FieldsIgnored',
  /** True: queues of removed addresses are kept because they hold messages. */
  parked: 'Parked',
  /** True: the broker has no memory left for messages and refuses them. */
  full: 'Full',
} as const;

/** Every reason that conditions of ours give, with what it means. */
export const reasons = {
  Ready: 'Everything the spec asks for is in force and was tried.',
  Progressing: 'Work is under way.',
  Pending: 'Work has not begun yet.',
  Terminating: 'The object is being removed.',
  Invalid: 'The spec cannot be served as it stands; the message says what to change.',
  Unsupported: 'The spec asks for something that is not served here.',
  NotServed: 'Fields of the spec have no effect in this release; the message names them.',
  UnknownPlan: 'The plan does not exist in enmasse-infra.',
  PlanFailed: 'The plan exists, but is itself not usable.',
  PlanNotAllowed: 'The plan of the address space does not list this address plan, or is for another type.',
  UnknownInfraConfig: 'The infra config that the plan names does not exist.',
  UnknownAddressPlan: 'An address plan that the plan lists does not exist or is not usable.',
  MissingLimits: 'The plan gives no limit for a resource that needs one.',
  MissingResources: 'The plan does not say what an address uses.',
  NotReferenced: 'No address space plan lists this address plan, so nobody can use it.',
  UnknownAuthenticationService: 'The authentication service does not exist, or there is none to choose.',
  UnknownAddressSpace: 'There is no address space of that name in the namespace.',
  UnknownTopic: 'The topic of a subscription does not exist in the address space.',
  UnknownDeadletter: 'The dead letter or expiry address does not exist, or is of another type.',
  DuplicateAddress: 'Another Address of the space has the same spec.address.',
  QuotaExceeded: 'The addresses use more credits than the plan of the space allows.',
  CapacityExceeded: 'The broker’s memory does not hold so many queues.',
  UnknownSecret: 'A Secret, or a key in it, does not exist.',
  BrokerUnavailable: 'The broker does not run or does not answer.',
  BrokerRefused: 'The broker refused what it was asked for.',
  BrokerStartFailed: 'The broker could not be started.',
  ProbeFailed: 'A message sent as a trial did not come back.',
  ExportForbidden:
    'The service account address-space-controller may not write the export; the message names the Role it needs.',
  ExportNotOurs: 'The object to be written exists and belongs to someone else.',
  ExportEmptied: 'A withdrawn export was emptied, because no Role allows to delete it.',
  SelfSigned: 'The certificate is self-signed, because the provider that was asked for is not there.',
  MessagesKept: 'Queues of removed addresses hold messages and are kept for a while.',
  MemoryFull:
    'The memory for messages is used up; the message says by which addresses, and how to get it back.',
  RolloutRefused: 'The commit cannot be applied as it stands; nothing was changed.',
  RolloutOvertaken: 'A newer rollout has begun: nothing of this one is done again.',
  Suspended: 'spec.suspend is set.',
  Conflict: 'Someone else claims or changed the object.',
  Succeeded: 'The commit is applied and works.',
  Planned: 'The plan is made; nothing was applied yet.',
  AwaitingConfirmation:
    'The commit would remove so much that somebody has to confirm it; the message says what, and how.',
  Applying: 'Objects of the commit are being written.',
  Verifying: 'What was written is awaited and tried.',
  RollingBack: 'Everything is being restored as it was.',
  Superseded: 'A newer rollout took over; what was applied was taken back.',
  Cancelled: 'Stopped on request; everything is as it was before.',
  ObjectStalled: 'An object of the commit cannot become ready; the message is its own.',
  DependencyMissing:
    'An object of the commit lacks something that the commit does not bring; it is tried again.',
  WaitTimeout: 'Objects of the commit did not become ready in time.',
  Drifted:
    'Objects of the commit that is in force are no longer as it declares them; the message names them.',
  DriftRepeats: 'The same objects are changed again and again after they were put back.',
  SnapshotMissing: 'What the rollout noted of itself is gone; roll the commit out again.',
  RollbackRefused: 'The rollout to go back to does not exist any more, or was no success.',
  CertificateInvalid: 'Key and certificate that were brought cannot serve together.',
  MemoryExhausted: 'The host has no memory left for another broker.',
  HostUnavailable: 'No worker answers on the host of the broker.',
  StepTimeout: 'A step took longer than it may; it is tried again.',
  BrokerConflict: 'What is on the broker forbids the change; the message says what.',
  GitUnavailable: 'The git server does not answer.',
  GitUnauthenticated: 'The git server refuses the credentials, or their Secret is not usable.',
  GitRefNotFound: 'The branch does not exist.',
  GitCommitNotFound: 'The commit is not in the repository (any more).',
  GitUrlRefused: 'The URL of the repository is not allowed here.',
  GitTooLarge: 'The repository is larger than what is read.',
  GitTimeout: 'The git server is too slow.',
  KubernetesUnavailable: 'The Kubernetes API does not answer.',
  KubernetesInvalid: 'The Kubernetes API refuses an object; the message is its own.',
  KubernetesConflict: 'Someone else writes the same fields or object.',
  KubernetesForbidden: 'The service account may not do what the commit needs.',
  KubernetesUnknownKind: 'The API server does not serve a kind.',
  NotFound: 'Something that is needed is not there.',
  Internal: 'A defect; the log of the worker says more.',
} as const;

export type Reason = keyof typeof reasons;

/** Longest message of a condition that the kinds' schemas admit. */
const MESSAGE_MAX = 32_768;

/**
 * The conditions with one of them set. `lastTransitionTime` moves only when its status does, so that writing
 * the same again changes nothing; the others and their order stay.
 * @param now RFC 3339
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): Condition[] {
  const before = conditions?.find(({ type }) => type === next.type);
  const set: Condition = {
    ...next,
    message: next.message.slice(0, MESSAGE_MAX),
    lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : now,
  };
  if (before === undefined) return [...(conditions ?? []), set];
  return (conditions ?? []).map((condition) => (condition.type === next.type ? set : condition));
}

/**
 * How an object stands: it does what its spec says; work is under way; nothing more happens until someone changes
 * something; or it is not ready and will be looked at again.
 */
export type Standing = 'ready' | 'reconciling' | 'stalled' | 'waiting';

export interface Judgement {
  readonly standing: Standing;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** Conditions that are there only while an object stands so. */
const exceptions: Partial<Record<Standing, string>> = {
  reconciling: conditionTypes.reconciling,
  stalled: conditionTypes.stalled,
};

/**
 * The conditions that say how an object stands, as kstatus reads them: `Ready` always, `Reconciling` or `Stalled` only
 * while it is true. Each condition of each of ten thousand objects costs the API server. Other conditions stay.
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 * @param now RFC 3339
 */
export function setStanding(
  conditions: readonly Condition[] | undefined,
  { standing, reason, message, observedGeneration }: Judgement,
  now: string,
): Condition[] {
  const observed = observedGeneration === undefined ? {} : { observedGeneration };
  const judged = { reason, message, ...observed };
  const due = exceptions[standing];
  const kept = (conditions ?? []).filter(
    ({ type }) => type === due || !Object.values(exceptions).includes(type),
  );
  const status = standing === 'ready' ? 'True' : 'False';
  const all = setCondition(kept, { type: conditionTypes.ready, status, ...judged }, now);
  return due === undefined ? all : setCondition(all, { type: due, status: 'True', ...judged }, now);
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

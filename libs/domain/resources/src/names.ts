/** The namespace of operators' objects and of the infrastructure. */
export const INFRA_NAMESPACE = 'enmasse-infra';
/** The service account whose identity exports are written with. */
export const EXPORT_SERVICE_ACCOUNT = 'address-space-controller';

export const labels = {
  /** Name of the GitSource that applied the object. */
  source: 'samband.dev/source',
  /** Namespace of that GitSource: objects may lie in other namespaces. */
  sourceNamespace: 'samband.dev/source-namespace',
  /** Commit that the object was last applied from (first 63 digits). */
  commit: 'samband.dev/commit',
  /** Name of the address space that an Address or MessagingUser belongs to. */
  addressSpace: 'samband.dev/address-space',
  /** Rollout that a snapshot Secret belongs to. */
  rollout: 'samband.dev/rollout',
  /** A ConfigMap with what one process of the api has accepted and Temporal has not taken yet. */
  inbox: 'samband.dev/inbox',
  /** A Secret of the infrastructure whose AddressSpace is gone and whose broker's messages are kept. */
  parked: 'samband.dev/parked',
  /** On what a space exports: the space. Whoever watches for changes by hand finds it by this. */
  exportOf: 'samband.dev/export-of',
} as const;

export const annotations = {
  /** On a Rollout: any new value asks for another attempt. */
  retry: 'samband.dev/retry',
  /** On a Rollout: any new value asks to stop and go back. */
  cancel: 'samband.dev/cancel',
  /** On a Rollout that awaits confirmation: digest of the plan that may be applied. */
  confirm: 'samband.dev/confirm',
  /** Any new value asks to look now: on a GitSource at the repository, on an AddressSpace at all its broker holds. */
  requestedAt: 'samband.dev/requested-at',
  /** On a GitSource: name of the Rollout to go back to. */
  rollbackTo: 'samband.dev/rollback-to',
  /** In a manifest: what becomes of the object when somebody changes or deletes it, whatever `spec.drift` of its source says. */
  drift: 'samband.dev/drift',
  /** How long messages are kept (Go duration): on an AddressSpace those of removed addresses and its own, on a ParkedSpace these. */
  parkFor: 'samband.dev/park-for',
  /** On an older AddressSpacePlan: its infra config. */
  definedBy: 'enmasse.io/defined-by',
} as const;

/** Annotations that ask something of us: a change of one of them is looked at, as a change of the spec is. */
export const requestAnnotations: readonly string[] = [
  annotations.retry,
  annotations.cancel,
  annotations.confirm,
  annotations.requestedAt,
  annotations.rollbackTo,
  annotations.parkFor,
];

export const finalizers = {
  addressSpace: 'samband.dev/address-space',
  gitSource: 'samband.dev/git-source',
} as const;

/**
 * The address space that an Address or MessagingUser belongs to: what stands before the first dot of its name.
 * `undefined` when there is no dot, or nothing before it.
 */
export function spaceOfAddress(name: string): string | undefined {
  const dot = name.indexOf('.');
  return dot > 0 ? name.slice(0, dot) : undefined;
}

/**
 * Identity of a space's infrastructure as EnMasse makes it: the first 7 hex digits of SHA-256 of
 * `<namespace>.<name>`.
 * @param sha256 hex digest of a text in UTF-8
 */
export function infraUuid(namespace: string, name: string, sha256: (text: string) => string): string {
  return sha256(`${namespace}.${name}`).slice(0, 7);
}

/** Name of a Rollout: `<source>-<commit, 12 digits>-<attempt>`; at most 63 characters. */
export function rolloutName(source: string, commit: string, attempt: number): string {
  return `${source}-${commit.slice(0, 12)}-${attempt}`;
}

/** A commit as the value of a label: a SHA-256 is one digit too long for it. */
export function commitLabel(commit: string): string {
  return commit.slice(0, 63);
}

/** User name of a service account, as the API server and tokens say it. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The groups that the API server counts every service account of a namespace to. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

/** Keyword search attributes of Temporal; the names are part of the public contract. */
export const searchAttributes = {
  namespace: 'SambandNamespace',
  source: 'SambandSource',
  space: 'SambandSpace',
  phase: 'SambandPhase',
} as const;

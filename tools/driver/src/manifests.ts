/** Manifests as a team writes them into its repository: YAML texts, without a namespace. */

export interface SpaceOptions {
  readonly plan?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Objects that host, ports and CA are exported to: `ConfigMap/messaging`. */
  readonly exports?: readonly string[];
  /** Default: self-signed. */
  readonly cert?: Readonly<Record<string, string>>;
}

export const configMap = 'messaging-config';

export function space(name: string, options: SpaceOptions = {}): string {
  const {
    plan = 'tiny',
    annotations = {},
    exports = [`ConfigMap/${configMap}`],
    cert = { provider: 'selfsigned' },
  } = options;
  return `apiVersion: enmasse.io/v1beta1
kind: AddressSpace
metadata:
  name: ${name}
  annotations: ${JSON.stringify(annotations)}
spec:
  type: brokered
  plan: ${plan}
  endpoints:
    - name: messaging
      service: messaging
      cert: ${JSON.stringify(cert)}
      exports: ${JSON.stringify(exports.map((one) => ({ kind: one.split('/')[0], name: one.split('/')[1] })))}
`;
}

/** `more` are further fields of the spec. */
export function address(of: string, name: string, more: Readonly<Record<string, unknown>> = {}): string {
  const { type = 'queue', plan = `tiny-${String(type)}`, ...rest } = more;
  return json({
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'Address',
    metadata: { name: `${of}.${name.replaceAll('/', '-')}` },
    spec: { address: name, type, plan, ...rest },
  });
}

export type Grant = readonly [operations: readonly string[], addresses: readonly string[]];

/** `authentication` beside the type, e.g. `{ passwordSecretRef: … }`; grants default to everything. */
export function user(
  of: string,
  name: string,
  authentication: Readonly<Record<string, unknown>>,
  grants: readonly Grant[] = [[['send', 'recv'], ['*']]],
): string {
  return json({
    apiVersion: 'user.enmasse.io/v1beta1',
    kind: 'MessagingUser',
    metadata: { name: `${of}.${name}` },
    spec: {
      username: name,
      authentication: { type: 'password', ...authentication },
      authorization: grants.map(([operations, addresses]) => ({ operations, addresses })),
    },
  });
}

/**
 * A Job that might make a Secret, and never does. While a commit brings one, its rollout waits for a Secret that is not
 * there as long as it waits for anything; else it gives up within seconds.
 */
export function maker(round = 1): string {
  const containers = [{ name: 'maker', image: 'example.invalid/maker' }];
  return json({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `maker-${round}` },
    spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers } } },
  });
}

/** A user who is a service account and logs in with its token. */
export function serviceAccountUser(
  of: string,
  name: string,
  account: string,
  grants: readonly Grant[],
): string {
  return json({
    apiVersion: 'user.enmasse.io/v1beta1',
    kind: 'MessagingUser',
    metadata: { name: `${of}.${name}` },
    spec: {
      username: account,
      authentication: { type: 'serviceaccount' },
      authorization: grants.map(([operations, addresses]) => ({ operations, addresses })),
    },
  });
}

export function inline(password: string): { password: string } {
  return { password: Buffer.from(password).toString('base64') };
}

/** What permits Samband to write the exports, as EnMasse's documentation has it. */
export function exportRole(name = configMap, resource: 'configmaps' | 'secrets' = 'configmaps'): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${name}
rules:
  - apiGroups: ['']
    resources: [${resource}]
    verbs: [create]
  - apiGroups: ['']
    resources: [${resource}]
    resourceNames: [${name}]
    verbs: [get, update, patch, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${name}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: ${name}
subjects:
  - kind: ServiceAccount
    name: address-space-controller
    namespace: enmasse-infra
`;
}

function json(object: object): string {
  return `${JSON.stringify(object, undefined, 2)}\n`;
}

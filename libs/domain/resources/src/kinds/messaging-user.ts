import { z } from 'zod';
import {
  conditions,
  filled,
  integer,
  MAX_SAFE,
  metadataSchema,
  objectName,
  observedGeneration,
  optional,
  phase,
  text,
} from '../fields.js';
import { ageColumn, tenantLabels, type KindDefinition } from '../kind.js';

export const userOperations = ['send', 'recv', 'view', 'manage'] as const;
export const userPhases = ['Pending', 'Configuring', 'Active', 'Failed', 'Terminating'] as const;

const SERVICE_ACCOUNT = /^system:serviceaccount:[^:]+:[^:]+$/;

const authentication = z
  .strictObject({
    type: z
      .enum(['password', 'serviceaccount', 'federated'])
      .describe(
        'password: user name and password. serviceaccount: a service account with its token. federated: not served.',
      ),
    password: optional(
      text(
        4096,
        'The password, base64. Better: passwordSecretRef, or none of both to have one generated.',
      ).regex(/^[A-Za-z0-9+/\r\n]*(?:={1,2}[\r\n]*)?$/, 'is not base64'),
    ),
    passwordSecretRef: optional(
      z
        .strictObject({
          name: objectName('Name of the Secret.'),
          key: optional(filled(253, 'Key inside the Secret. Default: password.')),
        })
        .describe('Secret of this namespace that holds the password. It is only read.'),
    ),
    generateSecret: optional(
      z
        .strictObject({ name: objectName('Name of the Secret.') })
        .describe(
          'Secret of this namespace that a generated password is written to (keys username, password). When no password is given in any way: <name of the MessagingUser>-credentials.',
        ),
    ),
    provider: optional(text(253, 'Identity provider, for federated.')),
    federatedUserid: optional(text(1024, 'User id at the provider, for federated.')),
    federatedUsername: optional(text(1024, 'User name at the provider, for federated.')),
  })
  .describe('How the user proves who it is.');

const authorization = z
  .strictObject({
    operations: optional(
      z
        .array(z.enum(userOperations).describe('One operation.'))
        .max(16)
        .describe('send, recv, view (browse) and manage (browse; purging is not served).'),
    ),
    addresses: optional(
      z
        .array(
          filled(1024, 'An address or pattern.').regex(
            /^([^/#*]+|\*|#)(\/([^/#*]+|\*|#))*$|^[^/#*]+(\/[^/#*]+)*\*$/,
            'is not an address pattern',
          ),
        )
        .max(1024)
        .describe('Addresses: words split by /, + one word, * or # all words, top* all that start with it.'),
    ),
  })
  .describe('Operations on addresses.');

const specSchema = z
  .strictObject({
    username: filled(
      253,
      'Name to log in with; for a service account system:serviceaccount:<namespace>:<name>.',
    ).regex(
      /^[a-z0-9](?:[a-z0-9_@.:-]*[a-z0-9])?$/,
      'is not a user name: lower-case letters, digits, and _ @ . : - between them',
    ),
    authentication,
    authorization: optional(
      z.array(authorization).max(256).describe('What the user may do: the union of all entries.'),
    ),
  })
  .describe('What is wanted.');

const statusSchema = z
  .strictObject({
    phase: optional(phase(userPhases, 'Where the user is in its life.')),
    message: optional(text(32_768, 'What is amiss.')),
    generation: optional(integer(0, MAX_SAFE, 'Generation that is in force (as EnMasse told it).')),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    credentialsSecret: optional(objectName('Secret of this namespace that the password was generated into.')),
  })
  .describe('What is.');

export const messagingUserSchema = z.strictObject({
  apiVersion: z.enum(['user.enmasse.io/v1beta1', 'user.enmasse.io/v1alpha1']),
  kind: z.literal('MessagingUser'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(statusSchema),
});

export type MessagingUser = z.infer<typeof messagingUserSchema>;
export type MessagingUserSpec = z.infer<typeof specSchema>;
export type MessagingUserStatus = z.infer<typeof statusSchema>;
export type UserAuthorization = z.infer<typeof authorization>;
export type UserPhase = (typeof userPhases)[number];

/** Where the password of a user of type `password` is. */
export type PasswordSource =
  | { readonly from: 'inline'; readonly base64: string }
  | { readonly from: 'secret'; readonly name: string; readonly key: string }
  | { readonly from: 'generated'; readonly name: string };

/** Secret that a password is generated into when the user names none. */
export function generatedSecretName(user: string): string {
  return `${user}-credentials`;
}

/** `undefined` for users that have no password. */
export function passwordSource(user: MessagingUser): PasswordSource | undefined {
  const { type, password, passwordSecretRef, generateSecret } = user.spec.authentication;
  if (type !== 'password') return undefined;
  if (password !== undefined) return { from: 'inline', base64: password };
  if (passwordSecretRef !== undefined) {
    return { from: 'secret', name: passwordSecretRef.name, key: passwordSecretRef.key ?? 'password' };
  }
  return { from: 'generated', name: generateSecret?.name ?? generatedSecretName(user.metadata.name) };
}

export const messagingUserKind: KindDefinition<MessagingUser> = {
  kind: 'MessagingUser',
  group: 'user.enmasse.io',
  versions: ['v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'messagingusers',
  singular: 'messaginguser',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'Someone who may use an address space. Its name is <address space>.<name>; the part before the first dot says which space of the namespace it belongs to.',
  labels: tenantLabels,
  printerColumns: [
    { name: 'Username', type: 'string', jsonPath: '.spec.username', description: 'Name to log in with.' },
    {
      name: 'Type',
      type: 'string',
      jsonPath: '.spec.authentication.type',
      description: 'Type of the login.',
    },
    {
      name: 'Phase',
      type: 'string',
      jsonPath: '.status.phase',
      description: 'Where the user is in its life.',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.message',
      description: 'What is amiss.',
      priority: 1,
    },
    ageColumn,
  ],
  schema: messagingUserSchema,
  celRules: [
    {
      path: '',
      cel: "self.metadata.name.contains('.')",
      message: 'the name of a user is <address space>.<name>: the part before the first dot says its space',
      holds: ({ metadata: { name } }: MessagingUser) => name.indexOf('.') > 0,
      at: 'metadata.name',
    },
    {
      path: '',
      cel: "self.spec.authentication.type != 'password' || has(self.spec.authentication.password) || has(self.spec.authentication.passwordSecretRef) || has(self.spec.authentication.generateSecret) || size(self.metadata.name) <= 241",
      message: 'the name is too long for <name>-credentials: name the Secret in generateSecret',
      holds: ({ metadata: { name }, spec: { authentication: login } }: MessagingUser) =>
        login.type !== 'password' ||
        login.password !== undefined ||
        login.passwordSecretRef !== undefined ||
        login.generateSecret !== undefined ||
        name.length <= 241,
      at: 'metadata.name',
    },
    {
      path: 'spec.authentication',
      cel: '(has(self.password) ? 1 : 0) + (has(self.passwordSecretRef) ? 1 : 0) + (has(self.generateSecret) ? 1 : 0) <= 1',
      message: 'password, passwordSecretRef and generateSecret exclude each other',
      holds: ({ password, passwordSecretRef, generateSecret }: MessagingUserSpec['authentication']) =>
        [password, passwordSecretRef, generateSecret].filter((way) => way !== undefined).length <= 1,
    },
    {
      path: 'spec.authentication',
      cel: "!has(self.password) || self.password.matches('[A-Za-z0-9+/][\\r\\n]*[A-Za-z0-9+/]')",
      message: 'password must not be empty: leave it out to have one generated',
      // Two characters are the least that a byte takes.
      holds: ({ password }: MessagingUserSpec['authentication']) =>
        password === undefined || password.replace(/[=\r\n]/g, '').length >= 2,
      at: 'password',
    },
    {
      path: 'spec.authentication',
      cel: "self.type == 'password' || (!has(self.password) && !has(self.passwordSecretRef) && !has(self.generateSecret))",
      message: 'password, passwordSecretRef and generateSecret are for type password only',
      holds: ({ type, password, passwordSecretRef, generateSecret }: MessagingUserSpec['authentication']) =>
        type === 'password' ||
        (password === undefined && passwordSecretRef === undefined && generateSecret === undefined),
    },
    {
      path: 'spec',
      cel: "self.authentication.type != 'serviceaccount' || self.username.matches('^system:serviceaccount:[^:]+:[^:]+$')",
      message: 'the username of a service account is system:serviceaccount:<namespace>:<name>',
      holds: ({ username, authentication: { type } }: MessagingUserSpec) =>
        type !== 'serviceaccount' || SERVICE_ACCOUNT.test(username),
      at: 'username',
    },
    {
      path: 'spec',
      cel: "self.authentication.type == 'serviceaccount' || !self.username.startsWith('system:')",
      message: 'usernames that start with system: are for service accounts',
      holds: ({ username, authentication: { type } }: MessagingUserSpec) =>
        type === 'serviceaccount' || !username.startsWith('system:'),
      at: 'username',
    },
  ],
};

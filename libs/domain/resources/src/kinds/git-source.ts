import { z } from 'zod';
import {
  conditions,
  filled,
  integer,
  localRef,
  MAX_SAFE,
  metadataSchema,
  objectName,
  observedGeneration,
  optional,
  text,
  timestamp,
} from '../fields.js';
import { ageColumn, sambandLabels, type KindDefinition } from '../kind.js';
import { annotations } from '../names.js';
import type { KubeObject } from '../object.js';
import { parseGoDuration } from '../duration.js';

/** What becomes of an object that is no longer as its source applied it: put back, told of, or left. */
export const driftModes = ['heal', 'report', 'ignore'] as const;
export type DriftMode = (typeof driftModes)[number];

export const gitProviders = ['github', 'gitlab', 'generic'] as const;
export const GIT_SOURCE_NAME_MAX = 40;
export const COMMIT_PATTERN = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

const commit = (description: string) =>
  z.string().max(64, { abort: true }).regex(COMMIT_PATTERN, 'is not a full sha').describe(description);

const guard = z
  .strictObject({
    maxRemovals: optional(
      integer(0, MAX_SAFE, 'Objects that a commit may remove without being asked about.'),
    ),
    maxRemovalPercent: optional(
      integer(
        0,
        100,
        'Percent of what the source has brought that a commit may remove without being asked about. 100: even everything.',
      ),
    ),
  })
  .describe(
    'What a commit may remove before somebody has confirmed it. Without limits it is asked about a commit that would remove everything.',
  );

const specSchema = z
  .strictObject({
    url: filled(
      2048,
      'Repository: https://…, ssh://…, user@host:path, and file://… where it is allowed.',
    ).regex(
      /^(https:\/\/|ssh:\/\/|file:\/\/\/|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:)[^\s?#\\]+$/,
      'is not a repository: https://…, ssh://…, user@host:path',
    ),
    ref: z
      .strictObject({ branch: filled(244, 'Branch whose head is rolled out.') })
      .describe('What of the repository is followed.'),
    path: optional(filled(1024, 'Folder of the manifests, read with all below it. Default: "." (the root).')),
    provider: optional(
      z.enum(gitProviders).describe('Who sends the webhooks, and how they are signed. Default: generic.'),
    ),
    webhook: optional(
      z
        .strictObject({
          secretRef: localRef('Secret with the keys secret and, while it is being changed, previous.'),
        })
        .describe('Webhooks at /webhooks/<namespace>/<name>. Without it none is accepted.'),
    ),
    credentialsRef: optional(
      localRef('Secret with the keys username and password (https), or identity and known_hosts (ssh).'),
    ),
    interval: optional(
      filled(32, 'Time between looks at the repository, as 5m or 1h30m; 5s to 24h. Default: 5m.').regex(
        /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/,
        'is not a duration such as 5m or 1h30m',
      ),
    ),
    serviceAccountName: objectName('Service account of this namespace that the objects are applied as.'),
    prune: optional(
      z.boolean().describe('Whether objects that are gone from the repository are removed. Default: true.'),
    ),
    guard: optional(guard),
    drift: optional(
      z
        .enum(driftModes)
        .describe(
          'What becomes of objects that somebody deleted or changed after they were rolled out: they are put back (heal), told of (report) or left (ignore). Default: heal.',
        ),
    ),
    suspend: optional(z.boolean().describe('Whether new commits are left alone. Default: false.')),
  })
  .describe('What is wanted.');

const handledSource = z
  .strictObject({
    requestedAt: optional(text(1024, 'Value of samband.dev/requested-at.')),
    rollbackTo: optional(text(253, 'Value of samband.dev/rollback-to.')),
  })
  .describe('Annotations that were answered.');

const statusSchema = z
  .strictObject({
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    head: optional(
      z
        .strictObject({
          commit: commit('Commit at the head of the branch.'),
          fetchedAt: timestamp('When it was seen first.'),
        })
        .describe('The branch as it was last seen.'),
    ),
    applied: optional(
      z
        .strictObject({
          commit: commit('The commit.'),
          rollout: objectName('Rollout that brought it.'),
          at: timestamp('When its rollout succeeded.'),
        })
        .describe('The last good commit: what is in force.'),
    ),
    current: optional(
      z
        .strictObject({
          rollout: objectName('The rollout.'),
          commit: commit('Its commit.'),
          attempt: integer(1, 999_999_999, 'Its attempt.'),
          generation: optional(integer(0, MAX_SAFE, 'Generation of this GitSource that it works by.')),
        })
        .describe('The newest rollout.'),
    ),
    lastHandled: optional(handledSource),
    refusedWebhooks: optional(
      z
        .strictObject({
          count: integer(0, MAX_SAFE, 'How many so far.'),
          lastReason: text(1024, 'Why the last one was.'),
          lastAt: timestamp('When the last one came.'),
        })
        .describe('Webhooks for this source that were refused; written by the api.'),
    ),
  })
  .describe('What is.');

export const gitSourceSchema = z.strictObject({
  apiVersion: z.literal('samband.dev/v1alpha1'),
  kind: z.literal('GitSource'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(statusSchema),
});

export type GitSource = z.infer<typeof gitSourceSchema>;
export type GitSourceSpec = z.infer<typeof specSchema>;
export type GitSourceStatus = z.infer<typeof statusSchema>;
export type GitProvider = (typeof gitProviders)[number];

/** The spec with every default in place; the interval in ms. */
export interface GitSourceSettings {
  readonly url: string;
  readonly branch: string;
  readonly path: string;
  readonly provider: GitProvider;
  readonly webhookSecret: string | undefined;
  readonly credentialsSecret: string | undefined;
  readonly intervalMs: number;
  readonly serviceAccountName: string;
  readonly prune: boolean;
  readonly guard: NonNullable<GitSourceSpec['guard']>;
  readonly drift: DriftMode;
  readonly suspend: boolean;
}

const FIVE_MINUTES = 300_000;
export const GIT_INTERVAL_BOUNDS = { min: 5_000, max: 86_400_000 } as const;

export function gitSourceSettings(spec: GitSourceSpec): GitSourceSettings {
  return {
    url: spec.url,
    branch: spec.ref.branch,
    path: spec.path ?? '.',
    provider: spec.provider ?? 'generic',
    webhookSecret: spec.webhook?.secretRef.name,
    credentialsSecret: spec.credentialsRef?.name,
    intervalMs:
      (spec.interval === undefined ? undefined : parseGoDuration(spec.interval, GIT_INTERVAL_BOUNDS)) ??
      FIVE_MINUTES,
    serviceAccountName: spec.serviceAccountName,
    prune: spec.prune ?? true,
    guard: spec.guard ?? {},
    drift: spec.drift ?? 'heal',
    suspend: spec.suspend ?? false,
  };
}

/** An object's own word in its manifest, else that of its source. */
export function driftModeOf(manifest: KubeObject, source: DriftMode): DriftMode {
  const own = manifest.metadata.annotations?.[annotations.drift];
  return driftModes.find((mode) => mode === own) ?? source;
}

const BRANCH_START = /^[A-Za-z0-9_]/;
const BRANCH_FORBIDDEN = /\.\.|\/\/|\/\.|@\{|[\s~^:?*\\]|\[|\/$|\.$|\.lock(\/|$)/;

export const gitSourceKind: KindDefinition<GitSource> = {
  kind: 'GitSource',
  group: 'samband.dev',
  versions: ['v1alpha1'],
  plural: 'gitsources',
  singular: 'gitsource',
  scope: 'Namespaced',
  categories: ['samband'],
  description: 'A branch of a git repository whose manifests are rolled out, commit by commit.',
  labels: sambandLabels,
  printerColumns: [
    { name: 'Url', type: 'string', jsonPath: '.spec.url', description: 'Repository.' },
    { name: 'Branch', type: 'string', jsonPath: '.spec.ref.branch', description: 'Branch that is followed.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the head of the branch is in force.',
    },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'Why.',
    },
    { name: 'Commit', type: 'string', jsonPath: '.status.applied.commit', description: 'Commit in force.' },
    ageColumn,
  ],
  schema: gitSourceSchema,
  celRules: [
    {
      path: '',
      cel: `size(self.metadata.name) <= ${GIT_SOURCE_NAME_MAX} && !self.metadata.name.contains('.')`,
      message: `the name of a source is at most ${GIT_SOURCE_NAME_MAX} characters without dots: its rollouts are named <source>-<commit>-<attempt>`,
      holds: ({ metadata: { name } }: GitSource) => name.length <= GIT_SOURCE_NAME_MAX && !name.includes('.'),
      at: 'metadata.name',
    },
    {
      path: 'spec',
      cel: "!self.url.matches('^https://[^/]*@') && !self.url.matches('^ssh://[^/@]*:[^/@]*@')",
      message: 'a repository’s URL must not carry credentials: use credentialsRef',
      holds: ({ url }: GitSourceSpec) =>
        !/^https:\/\/[^/]*@/.test(url) && !/^ssh:\/\/[^/@]*:[^/@]*@/.test(url),
      at: 'url',
    },
    {
      path: 'spec.ref',
      cel: "self.branch.matches('^[A-Za-z0-9_]') && !self.branch.matches('\\\\.\\\\.|//|/\\\\.|@\\\\{|[\\\\s~^:?*\\\\\\\\]|\\\\[|/$|\\\\.$|\\\\.lock(/|$)')",
      message: 'is not the name of a branch',
      holds: ({ branch }: GitSourceSpec['ref']) =>
        BRANCH_START.test(branch) && !BRANCH_FORBIDDEN.test(branch),
      at: 'branch',
    },
    {
      path: 'spec',
      cel: "!has(self.path) || (!self.path.startsWith('/') && !self.path.contains('\\\\') && !self.path.matches('(^|/)\\\\.\\\\.(/|$)'))",
      message: 'path is a folder inside the repository: relative, without ..',
      holds: ({ path }: GitSourceSpec) =>
        path === undefined ||
        (!path.startsWith('/') && !path.includes('\\') && !/(^|\/)\.\.(\/|$)/.test(path)),
      at: 'path',
    },
    {
      path: 'spec',
      cel: "!has(self.interval) || (duration(self.interval) >= duration('5s') && duration(self.interval) <= duration('24h'))",
      message: 'interval is between 5s and 24h',
      holds: ({ interval }: GitSourceSpec) =>
        interval === undefined || parseGoDuration(interval, GIT_INTERVAL_BOUNDS) !== undefined,
      at: 'interval',
    },
  ],
};

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
  timestamp,
} from '../fields.js';
import { ageColumn, sambandLabels, type KindDefinition } from '../kind.js';
import { COMMIT_PATTERN, GIT_SOURCE_NAME_MAX } from './git-source.js';

/**
 * `AwaitingConfirmation`: the plan removes too much to go on by itself. `Refused`: nothing was applied. `RolledBack`, `Cancelled`: the state before is restored. `Superseded`: a newer
 * rollout took over, and what was applied is taken back. `Failed`: the way back, or a removal, is stuck, and `steps`
 * says where.
 */
export const rolloutPhases = [
  'Pending',
  'Planned',
  'AwaitingConfirmation',
  'Applying',
  'Verifying',
  'Succeeded',
  'Refused',
  'RollingBack',
  'RolledBack',
  'Failed',
  'Superseded',
  'Cancelled',
] as const;
export const rolloutStepPhases = ['Running', 'Succeeded', 'Failed', 'Cancelled'] as const;
export const rolloutActions = ['add', 'change', 'remove'] as const;

export const MAX_PROBLEMS = 100;
export const MAX_WARNINGS = 100;
export const MAX_PLAN_ENTRIES = 200;

const count = (description: string): z.ZodInt => integer(0, MAX_SAFE, description);

const specSchema = z
  .strictObject({
    source: filled(GIT_SOURCE_NAME_MAX, 'GitSource of this namespace that the commit is of.'),
    commit: z
      .string()
      .max(64, { abort: true })
      .regex(COMMIT_PATTERN, 'is not a full sha')
      .describe('The commit.'),
    attempt: integer(1, 999_999_999, 'Which attempt at this commit it is, from 1.'),
  })
  .describe('What is rolled out. Cannot be changed.');

const placed = z.strictObject({
  file: text(4096, 'File, relative to the root of the repository.'),
  line: integer(0, MAX_SAFE, 'Line in the file, from 1; 0 when the file as a whole is meant.'),
  resource: text(1024, 'Kind, namespace and name of the object.'),
  code: text(256, 'What it is, as one word for programs.'),
  message: text(8192, 'What it is and how to mend it.'),
});
const problem = placed.describe('One thing wrong with the commit.');
const warning = placed.describe('One thing of the commit that is worth knowing.');

const entry = z
  .strictObject({
    action: z.enum(rolloutActions).describe('What becomes of the object.'),
    resource: text(1024, 'Kind, namespace and name of the object.'),
    file: optional(text(4096, 'File, relative to the root of the repository.')),
    line: optional(count('Line in the file, from 1.')),
    messages: optional(
      count('Of an AddressSpace or Address that is removed: messages that it held at countedAt.'),
    ),
  })
  .describe('One object.');

const step = z
  .strictObject({
    name: filled(253, 'Name of the step.'),
    phase: phase(rolloutStepPhases, 'Where the step is.'),
    attempt: count('Attempts so far.'),
    startedAt: optional(timestamp('When it began.')),
    finishedAt: optional(timestamp('When it ended.')),
    message: optional(text(8192, 'What it does, did, or why it failed.')),
  })
  .describe('One step.');

const statusSchema = z
  .strictObject({
    phase: optional(
      phase(
        rolloutPhases,
        'Where the rollout is. AwaitingConfirmation: it would remove so much that somebody has to confirm it, see the message. Refused: nothing was applied. RolledBack, Cancelled: the state before is restored. Superseded: a newer rollout took over, and what was applied is taken back. Failed: the way back, or a removal, is stuck; the steps say where.',
      ),
    ),
    message: optional(text(32_768, 'Why, for people.')),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    author: optional(text(1024, 'Author of the commit.')),
    subject: optional(text(4096, 'First line of the commit’s message.')),
    startedAt: optional(timestamp('When it began.')),
    finishedAt: optional(timestamp('When it ended.')),
    problems: optional(z.array(problem).max(MAX_PROBLEMS).describe('What is wrong with the commit.')),
    problemsOmitted: optional(count('Problems beyond those listed.')),
    warnings: optional(
      z.array(warning).max(MAX_WARNINGS).describe('What is accepted, but not as somebody may expect.'),
    ),
    warningsOmitted: optional(count('Warnings beyond those listed.')),
    plan: optional(
      z
        .strictObject({
          digest: filled(256, 'Digest of the plan.'),
          add: count('Objects to add.'),
          change: count('Objects to change.'),
          remove: count('Objects to remove.'),
          unchanged: count('Objects that stay as they are.'),
          countedAt: optional(
            timestamp('When messages of what is removed were counted; clients may have gone on since.'),
          ),
          entries: z.array(entry).max(MAX_PLAN_ENTRIES).describe('The first of them.'),
        })
        .describe('What the commit changes.'),
    ),
    steps: optional(z.array(step).max(128).describe('The steps, in their order.')),
    replaces: optional(objectName('Rollout whose state this one replaced.')),
    lastHandled: optional(
      z
        .strictObject({
          retry: optional(text(1024, 'Value of samband.dev/retry.')),
          cancel: optional(text(1024, 'Value of samband.dev/cancel.')),
          confirm: optional(text(1024, 'Value of samband.dev/confirm.')),
        })
        .describe('Annotations that were answered.'),
    ),
  })
  .describe('What is.');

export const rolloutSchema = z.strictObject({
  apiVersion: z.literal('samband.dev/v1alpha1'),
  kind: z.literal('Rollout'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(statusSchema),
});

export type Rollout = z.infer<typeof rolloutSchema>;
export type RolloutSpec = z.infer<typeof specSchema>;
export type RolloutStatus = z.infer<typeof statusSchema>;
export type RolloutPhase = (typeof rolloutPhases)[number];
export type RolloutStep = z.infer<typeof step>;
export type RolloutStepPhase = (typeof rolloutStepPhases)[number];
export type RolloutProblem = z.infer<typeof problem>;
export type RolloutPlanEntry = z.infer<typeof entry>;

const finished: ReadonlySet<RolloutPhase> = new Set<RolloutPhase>([
  'Succeeded',
  'Refused',
  'RolledBack',
  'Failed',
  'Superseded',
  'Cancelled',
]);

/** Whether a rollout in this phase does nothing more by itself. */
export function isFinished(rolloutPhase: RolloutPhase): boolean {
  return finished.has(rolloutPhase);
}

export const rolloutKind: KindDefinition<Rollout> = {
  kind: 'Rollout',
  group: 'samband.dev',
  versions: ['v1alpha1'],
  plural: 'rollouts',
  singular: 'rollout',
  scope: 'Namespaced',
  categories: ['samband'],
  description:
    'One attempt to bring one commit of a GitSource into force: its plan, its steps and what became of it.',
  labels: sambandLabels,
  printerColumns: [
    { name: 'Source', type: 'string', jsonPath: '.spec.source', description: 'GitSource.' },
    { name: 'Commit', type: 'string', jsonPath: '.spec.commit', description: 'Commit.' },
    { name: 'Attempt', type: 'integer', jsonPath: '.spec.attempt', description: 'Attempt.', priority: 1 },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the rollout is.' },
    { name: 'Author', type: 'string', jsonPath: '.status.author', description: 'Author.', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.', priority: 1 },
    ageColumn,
  ],
  schema: rolloutSchema,
  celRules: [
    {
      path: 'spec',
      cel: 'self == oldSelf',
      message:
        'the spec of a rollout cannot be changed: annotate it with samband.dev/retry for another attempt',
      holdsAfter: (self: RolloutSpec, old: RolloutSpec) =>
        self.source === old.source && self.commit === old.commit && self.attempt === old.attempt,
    },
  ],
};

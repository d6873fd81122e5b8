import { rolloutActions, rolloutPhases, rolloutStepPhases } from '@samband/resources';
import { z } from 'zod';
import { commitId, conditionModel, pageModel, pageQuery, timestamp } from '../support/models.js';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const planSummary = z.object({
  digest: z.string().describe('Tells whether two plans are the same.'),
  add: count,
  change: count,
  remove: count,
  unchanged: count,
});

const problem = z.object({
  file: z.string().describe('Relative to the root of the repository.'),
  line: count.describe('From 1; 0: the whole file.'),
  resource: z.string(),
  code: z.string(),
  message: z.string(),
});

export const rolloutSummaryModel = z
  .object({
    namespace: z.string(),
    name: z.string(),
    createdAt: timestamp.optional(),
    source: z.string(),
    commit: commitId,
    attempt: z.int().min(1).max(999_999_999),
    phase: z.enum(rolloutPhases),
    message: z.string().optional().describe('Why it is in this phase.'),
    author: z.string().optional(),
    subject: z.string().optional().describe('First line of the commit’s message.'),
    startedAt: timestamp.optional(),
    finishedAt: timestamp.optional(),
    plan: planSummary.optional(),
    replaces: z.string().optional().describe('Rollout whose state this one replaced.'),
    problemCount: count.describe('Problems of the commit, listed or not.'),
  })
  .meta({ id: 'RolloutSummary' });

export const rolloutModel = rolloutSummaryModel
  .extend({
    conditions: z.array(conditionModel),
    problems: z.array(problem),
    problemsOmitted: count,
    warnings: z.array(problem).describe('What is accepted, but not as somebody may expect.'),
    warningsOmitted: count,
    steps: z.array(
      z.object({
        name: z.string(),
        phase: z.enum(rolloutStepPhases),
        attempt: count,
        startedAt: timestamp.optional(),
        finishedAt: timestamp.optional(),
        message: z.string().optional(),
      }),
    ),
    entries: z
      .array(
        z.object({
          action: z.enum(rolloutActions),
          resource: z.string(),
          file: z.string().optional(),
          line: count.optional(),
        }),
      )
      .describe('The first 200 objects of the plan.'),
  })
  .meta({ id: 'Rollout' });

export const rolloutPageModel = pageModel(rolloutSummaryModel).meta({ id: 'RolloutPage' });

export const rolloutQuery = pageQuery.extend({
  source: z.string().max(253).optional().describe('Only the rollouts of this source.'),
});

export type RolloutSummary = z.infer<typeof rolloutSummaryModel>;
export type RolloutDetail = z.infer<typeof rolloutModel>;
export type RolloutPage = z.infer<typeof rolloutPageModel>;

import { gitProviders } from '@samband/resources';
import { z } from 'zod';
import { commitId, conditionModel, pageModel, timestamp } from '../support/models.js';

export const sourceModel = z
  .object({
    namespace: z.string(),
    name: z.string(),
    createdAt: timestamp.optional(),
    url: z.string().describe('Repository, without credentials.'),
    branch: z.string(),
    path: z.string().describe('Folder of the manifests.'),
    provider: z.enum(gitProviders),
    webhook: z.boolean().describe('Whether webhooks are accepted.'),
    intervalSeconds: z.number().min(0).max(86_400).describe('Time between looks at the repository.'),
    serviceAccountName: z.string().describe('Whose rights the objects are applied with.'),
    prune: z.boolean(),
    suspended: z.boolean(),
    deleting: z.boolean(),
    ready: z.enum(['True', 'False', 'Unknown']).describe('Whether the head of the branch is in force.'),
    conditions: z.array(conditionModel),
    head: z.object({ commit: commitId, fetchedAt: timestamp }).optional(),
    applied: z
      .object({ commit: commitId, rollout: z.string(), at: timestamp })
      .optional()
      .describe('The last good commit: what is in force.'),
    current: z
      .object({ rollout: z.string(), commit: commitId, attempt: z.int().min(1).max(999_999_999) })
      .optional()
      .describe('The newest rollout.'),
    refusedWebhooks: z
      .object({
        count: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
        lastReason: z.string().describe('For people.'),
        lastAt: timestamp,
      })
      .optional()
      .describe('Webhooks for this source that were not accepted.'),
    requestedAt: z.string().optional().describe('Last request to look at the repository.'),
  })
  .meta({ id: 'Source' });

export const sourcePageModel = pageModel(sourceModel).meta({ id: 'SourcePage' });

export const syncModel = z
  .object({
    source: z.string(),
    requestedAt: z.string().describe('Value of samband.dev/requested-at that was written.'),
  })
  .meta({ id: 'SyncRequested' });

export type Source = z.infer<typeof sourceModel>;
export type SourcePage = z.infer<typeof sourcePageModel>;
export type SyncRequested = z.infer<typeof syncModel>;

import { annotations, findCondition, gitSourceSettings, type GitSource } from '@samband/resources';
import { presentConditions, withoutUserInfo } from '../support/present.js';
import type { Source } from './source.model.js';

export function presentSource({ metadata, spec, status = {} }: GitSource): Source {
  const settings = gitSourceSettings(spec);
  const { head, applied, current, refusedWebhooks } = status;
  const requestedAt = metadata.annotations?.[annotations.requestedAt];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(metadata.creationTimestamp === undefined ? {} : { createdAt: metadata.creationTimestamp }),
    url: withoutUserInfo(settings.url),
    branch: settings.branch,
    path: settings.path,
    provider: settings.provider,
    webhook: settings.webhookSecret !== undefined,
    intervalSeconds: settings.intervalMs / 1000,
    serviceAccountName: settings.serviceAccountName,
    prune: settings.prune,
    suspended: settings.suspend,
    deleting: metadata.deletionTimestamp !== undefined,
    ready: findCondition(status.conditions, 'Ready')?.status ?? 'Unknown',
    conditions: presentConditions(status.conditions),
    ...(head === undefined ? {} : { head: { commit: head.commit, fetchedAt: head.fetchedAt } }),
    ...(applied === undefined
      ? {}
      : { applied: { commit: applied.commit, rollout: applied.rollout, at: applied.at } }),
    ...(current === undefined
      ? {}
      : { current: { rollout: current.rollout, commit: current.commit, attempt: current.attempt } }),
    ...(refusedWebhooks === undefined ? {} : { refusedWebhooks }),
    ...(requestedAt === undefined ? {} : { requestedAt }),
  };
}

import { SambandError } from '@samband/errors';
import { isOfKind, kindRef, type Rollout } from '@samband/resources';
import { viewIndexes, type Kubernetes, type LiveResources } from '../ports.js';
import { compareKeys, paginate, type PageKey } from '../support/paging.js';
import type { RolloutDetail, RolloutPage } from './rollout.model.js';
import { presentRollout, presentRolloutSummary } from './rollout.presenter.js';

/** Rollouts as callers see them. */
export class Rollouts {
  readonly #resources: LiveResources;
  readonly #kubernetes: Kubernetes;

  constructor(resources: LiveResources, kubernetes: Kubernetes) {
    this.#resources = resources;
    this.#kubernetes = kubernetes;
  }

  /** Newest first. */
  list(
    namespace: string,
    query: { source: string | undefined; limit: number; token: string | undefined },
  ): RolloutPage {
    const objects =
      query.source === undefined
        ? this.#resources.list(kindRef('Rollout'), namespace)
        : this.#resources.byIndex(viewIndexes.rolloutsBySource, `${namespace}/${query.source}`);
    const rollouts = objects
      .filter((object) => isOfKind('Rollout', object))
      .sort((left, right) => compareKeys(keyOf(left), keyOf(right)));
    const { items, ...rest } = paginate(rollouts, keyOf, query);
    return { items: items.map(presentRolloutSummary), ...rest };
  }

  /**
   * With all its details, which the live copy does not hold.
   * @throws NOT_FOUND, KUBERNETES_UNAVAILABLE
   */
  async get(namespace: string, name: string): Promise<RolloutDetail> {
    const object = await this.#kubernetes.get({ ...kindRef('Rollout'), namespace, name });
    if (object !== undefined && isOfKind('Rollout', object)) return presentRollout(object);
    throw new SambandError('NOT_FOUND', `There is no rollout ${name} in namespace ${namespace}.`);
  }
}

/** Ascending means newest first; rollouts of one second are told apart by name. */
function keyOf({ metadata }: Rollout): PageKey {
  const created = Date.parse(metadata.creationTimestamp ?? '') || 0;
  return [String(9_999_999_999_999 - created).padStart(13, '0'), metadata.name];
}

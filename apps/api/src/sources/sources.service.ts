import { randomInt } from 'node:crypto';
import { SambandError } from '@samband/errors';
import type { Logger } from '@samband/observability';
import { annotations, isOfKind, kindRef, type GitSource } from '@samband/resources';
import type { Inbox } from '../inbox/inbox.js';
import type { Clock, Kubernetes, LiveResources } from '../ports.js';
import { compareKeys, paginate, type PageKey } from '../support/paging.js';
import type { Source, SourcePage, SyncRequested } from './source.model.js';
import { createRequestTokens } from './request-token.js';
import { presentSource } from './source.presenter.js';

export interface SourcesOptions {
  readonly resources: LiveResources;
  readonly kubernetes: Kubernetes;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** GitSources as callers see them. */
export class Sources {
  readonly #resources: LiveResources;
  readonly #kubernetes: Kubernetes;
  readonly #inbox: Inbox;
  readonly #token: () => string;
  readonly #logger: Logger;

  constructor({ resources, kubernetes, inbox, clock, logger }: SourcesOptions) {
    this.#resources = resources;
    this.#kubernetes = kubernetes;
    this.#inbox = inbox;
    this.#logger = logger;
    this.#token = createRequestTokens(
      () => clock.wall(),
      (below) => randomInt(below),
    );
  }

  /** By name. */
  list(namespace: string, page: { limit: number; token: string | undefined }): SourcePage {
    const sources = this.#resources
      .list(kindRef('GitSource'), namespace)
      .filter((object) => isOfKind('GitSource', object))
      .sort((left, right) => compareKeys(keyOf(left), keyOf(right)));
    const { items, ...rest } = paginate(sources, keyOf, page);
    return { items: items.map(presentSource), ...rest };
  }

  /** @throws NOT_FOUND */
  get(namespace: string, name: string): Source {
    return presentSource(this.#find(namespace, name));
  }

  /** Asks the source to look at its repository now. @throws NOT_FOUND, KUBERNETES_UNAVAILABLE */
  async sync(namespace: string, name: string, caller: string): Promise<SyncRequested> {
    this.#find(namespace, name);
    const requestedAt = this.#token();
    const patch = { metadata: { annotations: { [annotations.requestedAt]: requestedAt } } };
    const ref = { ...kindRef('GitSource'), namespace, name };
    await this.#kubernetes.patch(ref, patch, { fieldManager: 'samband-api' });
    // The controller sees the annotation too; this is quicker.
    this.#inbox.signal({ namespace, name });
    this.#logger.info('a look at the repository was asked for', {
      namespace,
      source: name,
      caller,
      requestedAt,
    });
    return { source: name, requestedAt };
  }

  #find(namespace: string, name: string): GitSource {
    const object = this.#resources.get({ ...kindRef('GitSource'), namespace, name });
    if (object !== undefined && isOfKind('GitSource', object)) return object;
    throw new SambandError('NOT_FOUND', `There is no source ${name} in namespace ${namespace}.`);
  }
}

function keyOf({ metadata }: GitSource): PageKey {
  return ['', metadata.name];
}

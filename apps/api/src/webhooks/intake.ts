import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { errorCode, SambandError } from '@samband/errors';
import type { CounterMetric, Logger, Metrics } from '@samband/observability';
import { isOfKind, type GitSource, type Rollout } from '@samband/resources';
import type { Inbox } from '../inbox/inbox.js';
import { viewIndexes, type Clock, type LiveResources } from '../ports.js';
import { RecentKeys } from '../support/recent-keys.js';
import { TokenBuckets } from '../support/token-buckets.js';
import { Authenticator, type Authentic } from './authenticate.js';
import { header, type WebhookEvent, type WebhookProvider, type WebhookRequest } from './provider.js';
import { providers } from './providers/index.js';
import type { RefusalReason, Refusals } from './refusals.js';
import { findTargets, type Target, type TargetGroup } from './targets.js';
import type { WebhookSecrets } from './webhook-secrets.js';

/** A refusal takes at least this many ms, so that its time does not tell which sources exist. */
const refusalTime = 25;
/** After the Kubernetes API was away, nobody is told for so many ms that a source does not exist. */
const doubtTime = 5000;
const remembered = { buckets: 10_000, deliveries: 20_000 };

export interface Delivery {
  readonly namespace: string;
  /** Absent: all sources of the namespace that it is signed for. */
  readonly name?: string;
  readonly headers: IncomingHttpHeaders;
  /** Not read yet; absent when there is none. */
  readonly body: Readable | undefined;
  /** Address of the peer. */
  readonly remote: string;
}

export interface WebhookAnswer {
  readonly source: string;
  readonly rollout?: string;
}

export interface IntakeOptions {
  readonly resources: LiveResources;
  readonly secrets: WebhookSecrets;
  readonly inbox: Inbox;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly perMinute: number;
  readonly burst: number;
}

/** Takes webhooks: whose is it, is it really theirs, does it concern the branch, then gives it to the inbox. */
export class WebhookIntake {
  readonly #options: IntakeOptions;
  readonly #accepted: TokenBuckets;
  readonly #refused: TokenBuckets;
  readonly #deliveries = new RecentKeys(remembered.deliveries);
  readonly #authenticator: Authenticator;
  readonly #outcomes: CounterMetric;
  #inDoubtUntil = -Infinity;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { perMinute, burst, clock } = options;
    const limits = { perMinute, burst, limit: remembered.buckets, now: () => clock.monotonic() };
    this.#accepted = new TokenBuckets(limits);
    this.#refused = new TokenBuckets(limits);
    this.#authenticator = new Authenticator(options.secrets, clock, options.logger);
    this.#outcomes = options.metrics.counter({
      name: 'webhooks_total',
      help: 'Webhooks by what became of them.',
      labels: ['outcome'],
    });
  }

  /**
   * @returns what became of it for each source that it is for
   * @throws UNAUTHENTICATED for a source, a secret or a signature that is not there or does not fit, all alike;
   * TOO_MANY_REQUESTS; UNSUPPORTED_MEDIA_TYPE; PAYLOAD_TOO_LARGE; BAD_REQUEST; KUBERNETES_UNAVAILABLE
   */
  async receive(delivery: Delivery): Promise<WebhookAnswer[]> {
    const startedAt = this.#options.clock.monotonic();
    const groups = findTargets(this.#options.resources, delivery.namespace, delivery.name);
    const targets = groups.flatMap((group) => group.targets);
    const authentic = await this.#noting(targets, () => this.#authenticate(delivery, groups));
    const signed = authentic.groups.flatMap((group) => group.targets);
    if (signed.length > 0) {
      const request = { headers: delivery.headers, body: authentic.body };
      return this.#noting(signed, () => this.#takeAll(signed, request));
    }
    for (const group of groups) {
      const reason = authentic.withSecret.has(group) ? 'signature' : 'noSecret';
      for (const target of group.targets) this.#options.refusals.note(target, reason);
    }
    return this.#refuse(delivery, startedAt);
  }

  /** What is refused is shown on the sources that it was for. */
  async #noting<T>(targets: readonly Target[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const reason = refusalOf(error);
      if (reason !== undefined) for (const target of targets) this.#options.refusals.note(target, reason);
      throw error;
    }
  }

  async #authenticate(delivery: Delivery, groups: readonly TargetGroup[]): Promise<Authentic> {
    try {
      return await this.#authenticator.authenticate(delivery, groups);
    } catch (error) {
      if (errorCode(error) !== 'KUBERNETES_UNAVAILABLE') throw error;
      this.#inDoubtUntil = this.#options.clock.monotonic() + doubtTime;
      // Providers do not send again, and a look at the repository does no harm whoever asks for it.
      for (const { targets } of groups)
        for (const target of targets) this.#options.inbox.signal(refOfTarget(target));
      throw error;
    }
  }

  /** One of several sources that sends too much, or cannot be kept, does not hold up the others. */
  async #takeAll(targets: readonly Target[], request: WebhookRequest): Promise<WebhookAnswer[]> {
    const outcomes = await Promise.allSettled(targets.map((target) => this.#take(target, request)));
    const answers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (answers.length === 0 && failed?.status === 'rejected') throw failed.reason;
    return answers;
  }

  async #take(target: Target, request: WebhookRequest): Promise<WebhookAnswer> {
    const provider = providers[target.settings.provider];
    const id = provider.deliveryId(request.headers);
    const deliveryKey = id === undefined ? undefined : `${target.key} ${id.slice(0, 256)}`;
    this.#checkRate(target, () => concerns(target, read(provider, request)));
    if (deliveryKey !== undefined && this.#deliveries.has(deliveryKey))
      return this.#answer('duplicate', target);
    const event = read(provider, request);
    if (concerns(target, event)) await this.#accept(target);
    if (deliveryKey !== undefined) this.#deliveries.add(deliveryKey);
    return concerns(target, event)
      ? this.#answer('accepted', target, event.kind === 'push' ? event.commit : undefined)
      : this.#answer('ignored', target);
  }

  /** The same body after the same time, whatever was wrong. Only refused requests count against a sender. */
  async #refuse(delivery: Delivery, startedAt: number): Promise<never> {
    const { clock } = this.#options;
    const admission = this.#refused.take(
      `${delivery.remote} ${delivery.namespace}/${delivery.name ?? ''}`.slice(0, 400),
    );
    this.#outcomes.increment({ outcome: admission.admitted ? 'refused' : 'refused_too_many' });
    await clock.sleep(Math.max(0, startedAt + refusalTime - clock.monotonic()));
    if (!admission.admitted) throw tooMany(admission.retryAfterSeconds);
    if (clock.monotonic() < this.#inDoubtUntil) {
      throw new SambandError('KUBERNETES_UNAVAILABLE', 'The Kubernetes API is away.');
    }
    throw unauthenticated();
  }

  /**
   * A source that sends too much is told so; yet providers do not send again, so what may have been its last push
   * still makes the source look: together with the others that wait, at no further cost.
   */
  #checkRate(target: Target, isRelevant: () => boolean): void {
    const admission = this.#accepted.take(target.key);
    if (admission.admitted) return;
    this.#outcomes.increment({ outcome: 'too_many' });
    if (isRelevant()) {
      this.#options.inbox.signal(refOfTarget(target));
    }
    throw tooMany(admission.retryAfterSeconds);
  }

  async #accept(target: Target): Promise<void> {
    try {
      await this.#options.inbox.accept(refOfTarget(target));
    } catch (error) {
      this.#outcomes.increment({ outcome: 'failed' });
      throw error;
    }
  }

  #answer(outcome: string, { source }: Target, commit?: string): WebhookAnswer {
    this.#outcomes.increment({ outcome });
    const rollout = commit === undefined ? undefined : this.#newestRollout(source, commit);
    return {
      source: source.metadata.name,
      ...(rollout === undefined ? {} : { rollout: rollout.metadata.name }),
    };
  }

  #newestRollout({ metadata }: GitSource, commit: string): Rollout | undefined {
    return this.#options.resources
      .byIndex(viewIndexes.rolloutsBySource, `${metadata.namespace ?? ''}/${metadata.name}`)
      .filter((object) => isOfKind('Rollout', object))
      .filter(({ spec }) => spec.commit === commit)
      .reduce<Rollout | undefined>(
        (newest, rollout) =>
          newest === undefined || rollout.spec.attempt > newest.spec.attempt ? rollout : newest,
        undefined,
      );
  }
}

function read(provider: WebhookProvider, request: WebhookRequest): WebhookEvent {
  const mediaType =
    (header(request.headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isEmpty = request.body?.length === 0 && mediaType === '';
  if (!isEmpty && !provider.mediaTypes.includes(mediaType)) {
    throw new SambandError(
      'UNSUPPORTED_MEDIA_TYPE',
      `This source takes ${provider.mediaTypes.join(' or ')}.`,
    );
  }
  return provider.read(request);
}

/** What a source's team is shown of a failure; `undefined` when it is ours. */
function refusalOf(error: unknown): RefusalReason | undefined {
  switch (errorCode(error)) {
    case 'BAD_REQUEST':
      return 'payload';
    case 'UNSUPPORTED_MEDIA_TYPE':
      return 'mediaType';
    case 'PAYLOAD_TOO_LARGE':
      return 'tooLarge';
    case 'TOO_MANY_REQUESTS':
      return 'tooMany';
    default:
      return undefined;
  }
}

function concerns({ settings }: Target, event: WebhookEvent): boolean {
  return event.kind === 'push' && (event.ref === undefined || event.ref === `refs/heads/${settings.branch}`);
}

function refOfTarget({ source: { metadata } }: Target): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

function unauthenticated(): SambandError {
  return new SambandError('UNAUTHENTICATED', 'There is no such source, or the signature does not fit.');
}

function tooMany(retryAfterSeconds: number): SambandError {
  return new SambandError('TOO_MANY_REQUESTS', 'Too many webhooks; come back later.', {
    facts: { retryAfterSeconds },
  });
}

import { randomBytes } from 'node:crypto';
import { errorCode, SambandError } from '@samband/errors';
import type { CounterMetric, Logger, Metrics } from '@samband/observability';
import {
  gitSourceSettings,
  isOfKind,
  kindRef,
  type GitSource,
  type GitSourceSettings,
  type Rollout,
} from '@samband/resources';
import type { Inbox } from '../inbox/inbox.js';
import { viewIndexes, type Clock, type LiveResources } from '../ports.js';
import { isNamespaceName, isObjectName } from '../support/names.js';
import { RecentKeys } from '../support/recent-keys.js';
import { TokenBuckets } from '../support/token-buckets.js';
import { header, type WebhookEvent, type WebhookProvider, type WebhookRequest } from './provider.js';
import { providers } from './providers/index.js';
import type { WebhookSecrets } from './webhook-secrets.js';

/** A refusal takes at least this many ms, so that its time does not tell which sources exist. */
const refusalTime = 25;
/** After the Kubernetes API was away, nobody is told for so many ms that a source does not exist. */
const doubtTime = 5000;
const remembered = { buckets: 10_000, deliveries: 20_000 };

export interface Delivery extends WebhookRequest {
  readonly namespace: string;
  readonly name: string;
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
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly perMinute: number;
  readonly burst: number;
}

interface Target {
  readonly source: GitSource;
  readonly settings: GitSourceSettings;
  readonly key: string;
}

/** Takes webhooks: whose is it, is it really theirs, does it concern the branch, then gives it to the inbox. */
export class WebhookIntake {
  readonly #options: IntakeOptions;
  readonly #accepted: TokenBuckets;
  readonly #refused: TokenBuckets;
  readonly #deliveries = new RecentKeys(remembered.deliveries);
  readonly #dummySecret = randomBytes(32);
  readonly #outcomes: CounterMetric;
  #inDoubtUntil = -Infinity;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { perMinute, burst, clock } = options;
    const limits = { perMinute, burst, limit: remembered.buckets, now: () => clock.monotonic() };
    this.#accepted = new TokenBuckets(limits);
    this.#refused = new TokenBuckets(limits);
    this.#outcomes = options.metrics.counter({
      name: 'webhooks_total',
      help: 'Webhooks by what became of them.',
      labels: ['outcome'],
    });
  }

  /**
   * @throws UNAUTHENTICATED for a source, a secret or a signature that is not there or does not fit, all alike;
   * TOO_MANY_REQUESTS; UNSUPPORTED_MEDIA_TYPE; BAD_REQUEST; KUBERNETES_UNAVAILABLE
   */
  async receive(delivery: Delivery): Promise<WebhookAnswer> {
    const startedAt = this.#options.clock.monotonic();
    const target = this.#find(delivery);
    if (!(await this.#isAuthentic(delivery, target)) || target === undefined) {
      return this.#refuse(delivery, startedAt);
    }
    const provider = providers[target.settings.provider];
    const id = provider.deliveryId(delivery.headers);
    const deliveryKey = id === undefined ? undefined : `${target.key} ${id.slice(0, 256)}`;
    this.#checkRate(target, () => concerns(target, read(provider, delivery)));
    if (deliveryKey !== undefined && this.#deliveries.has(deliveryKey))
      return this.#answer('duplicate', target);
    const event = read(provider, delivery);
    if (concerns(target, event)) await this.#accept(target);
    if (deliveryKey !== undefined) this.#deliveries.add(deliveryKey);
    return concerns(target, event)
      ? this.#answer('accepted', target, event.kind === 'push' ? event.commit : undefined)
      : this.#answer('ignored', target);
  }

  #find({ namespace, name }: Delivery): Target | undefined {
    if (!isNamespaceName(namespace) || !isObjectName(name)) return undefined;
    const source = this.#options.resources.get({ ...kindRef('GitSource'), namespace, name });
    if (source === undefined || !isOfKind('GitSource', source)) return undefined;
    return { source, settings: gitSourceSettings(source.spec), key: `${namespace}/${name}` };
  }

  async #isAuthentic(delivery: Delivery, target: Target | undefined): Promise<boolean> {
    const { secrets } = this.#options;
    const name = target?.settings.webhookSecret;
    if (target === undefined || name === undefined) {
      this.#verify(delivery, providers.github, []);
      return false;
    }
    const provider = providers[target.settings.provider];
    try {
      const known = await secrets.get(delivery.namespace, name);
      if (this.#verify(delivery, provider, known)) return true;
      const fresh = await secrets.getFresh(delivery.namespace, name);
      return fresh !== known && this.#verify(delivery, provider, fresh);
    } catch (error) {
      if (isOurFault(error)) {
        this.#options.logger.error('The webhook secret of a source cannot be read', {
          source: target.key,
          error,
        });
        return false;
      }
      this.#inDoubtUntil = this.#options.clock.monotonic() + doubtTime;
      throw error;
    }
  }

  /** Always tries two secrets, so that the time does not tell how many there are. */
  #verify(delivery: Delivery, provider: WebhookProvider, secrets: readonly Buffer[]): boolean {
    const now = Math.floor(this.#options.clock.wall() / 1000);
    const results = [0, 1].map((index) => {
      const secret = secrets[index];
      return provider.verify(delivery, secret ?? this.#dummySecret, now) && secret !== undefined;
    });
    return results.includes(true);
  }

  /** The same body after the same time, whatever was wrong. Only refused requests count against a sender. */
  async #refuse(delivery: Delivery, startedAt: number): Promise<never> {
    const { clock } = this.#options;
    const admission = this.#refused.take(
      `${delivery.remote} ${delivery.namespace}/${delivery.name}`.slice(0, 400),
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

function read(provider: WebhookProvider, delivery: Delivery): WebhookEvent {
  const mediaType =
    (header(delivery.headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isEmpty = delivery.body.length === 0 && mediaType === '';
  if (!isEmpty && !provider.mediaTypes.includes(mediaType)) {
    throw new SambandError(
      'UNSUPPORTED_MEDIA_TYPE',
      `This source takes ${provider.mediaTypes.join(' or ')}.`,
    );
  }
  return provider.read(delivery);
}

function concerns({ settings }: Target, event: WebhookEvent): boolean {
  return event.kind === 'push' && (event.ref === undefined || event.ref === `refs/heads/${settings.branch}`);
}

function refOfTarget({ source: { metadata } }: Target): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** The Kubernetes API answered, and refused us: a matter for the operator, not for the sender. */
function isOurFault(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code === 'KUBERNETES_FORBIDDEN' || code === 'KUBERNETES_INVALID' || code === 'KUBERNETES_UNKNOWN_KIND'
  );
}

function unauthenticated(): SambandError {
  return new SambandError('UNAUTHENTICATED', 'There is no such source, or the signature does not fit.');
}

function tooMany(retryAfterSeconds: number): SambandError {
  return new SambandError('TOO_MANY_REQUESTS', 'Too many webhooks; come back later.', {
    facts: { retryAfterSeconds },
  });
}

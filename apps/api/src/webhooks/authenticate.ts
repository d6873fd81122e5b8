import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { errorCode } from '@samband/errors';
import type { Logger } from '@samband/observability';
import { readBody } from '../http/read-body.js';
import type { Clock } from '../ports.js';
import { header, type Proof, type WebhookProvider } from './provider.js';
import { providers } from './providers/index.js';
import type { TargetGroup } from './targets.js';
import type { WebhookSecrets } from './webhook-secrets.js';

/** GitHub sends up to 25 MB. What is kept is enough for all but pushes of thousands of commits. */
export const bodyLimits = { read: 25 << 20, kept: 1 << 20 };
/** A secret and the one before it: always so many are tried, so that the time does not tell how many there are. */
const tried = [0, 1] as const;

export interface Authentic {
  /** Groups whose secret the request was signed with; none when it was signed by nobody. */
  readonly groups: readonly TargetGroup[];
  /** As {@link readBody} gives it. */
  readonly body: Buffer | undefined;
  /** Groups that have a secret at all. */
  readonly withSecret: ReadonlySet<TargetGroup>;
}

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable | undefined;
}

interface Trial {
  readonly group: TargetGroup | undefined;
  readonly secrets: readonly Buffer[];
  readonly proofs: readonly Proof[];
}

/** Finds out who signed a webhook, over all of its body, in constant memory. */
export class Authenticator {
  readonly #dummySecret = randomBytes(32);

  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** @throws KUBERNETES_UNAVAILABLE when a secret cannot be read, PAYLOAD_TOO_LARGE */
  async authenticate(request: Request, groups: readonly TargetGroup[]): Promise<Authentic> {
    const length = header(request.headers, 'content-length');
    // A body that is not kept cannot be looked at again with a secret that has changed: it gets the newest at once.
    const isLong = !(Number(length ?? Infinity) <= bodyLimits.kept);
    const trials = await this.#begin(request.headers, groups, isLong);
    const body =
      request.body === undefined
        ? Buffer.alloc(0)
        : await readBody(request.body, length, bodyLimits, (chunk) => {
            for (const { proofs } of trials) for (const proof of proofs) proof.update(chunk);
          });
    const signed = signers(trials);
    const withSecret = new Set(
      trials.flatMap(({ group, secrets }) => (group === undefined || secrets.length === 0 ? [] : [group])),
    );
    if (signed.length > 0 || body === undefined) return { groups: signed, body, withSecret };
    return { groups: await this.#tryAgain(request.headers, body, trials), body, withSecret };
  }

  async #begin(
    headers: IncomingHttpHeaders,
    groups: readonly TargetGroup[],
    isFresh: boolean,
  ): Promise<Trial[]> {
    // Without anything to verify as much work is done.
    if (groups.length === 0)
      return [{ group: undefined, secrets: [], proofs: this.#proofs(headers, providers.github, []) }];
    return Promise.all(
      groups.map(async (group) => {
        const secrets = await this.#secretsOf(group, isFresh);
        return { group, secrets, proofs: this.#proofs(headers, providers[group.provider], secrets) };
      }),
    );
  }

  /** With secrets that were changed since they were last read. */
  async #tryAgain(
    headers: IncomingHttpHeaders,
    body: Buffer,
    before: readonly Trial[],
  ): Promise<TargetGroup[]> {
    const changed: Trial[] = [];
    for (const { group, secrets: known } of before) {
      if (group === undefined) continue;
      const secrets = await this.#secretsOf(group, true);
      if (secrets === known) continue;
      const proofs = this.#proofs(headers, providers[group.provider], secrets);
      for (const proof of proofs) proof.update(body);
      changed.push({ group, secrets, proofs });
    }
    return signers(changed);
  }

  #proofs(
    headers: IncomingHttpHeaders,
    provider: WebhookProvider,
    secrets: readonly Buffer[],
  ): readonly Proof[] {
    const now = Math.floor(this.clock.wall() / 1000);
    return tried.map((index) => provider.prove(headers, secrets[index] ?? this.#dummySecret, now));
  }

  async #secretsOf(
    { namespace, secret, targets }: TargetGroup,
    isFresh: boolean,
  ): Promise<readonly Buffer[]> {
    if (secret === undefined) return none;
    try {
      return await (isFresh ? this.secrets.getFresh(namespace, secret) : this.secrets.get(namespace, secret));
    } catch (error) {
      if (!isOurFault(error)) throw error;
      this.logger.error('The webhook secret of a source cannot be read', { source: targets[0]?.key, error });
      return none;
    }
  }
}

const none: readonly Buffer[] = [];

/** All proofs are asked, whichever holds: the time must not tell. */
function signers(trials: readonly Trial[]): TargetGroup[] {
  return trials.flatMap(({ group, secrets, proofs }) => {
    const holding = proofs.map((proof, index) => proof.holds() && secrets[index] !== undefined);
    return group !== undefined && holding.includes(true) ? [group] : [];
  });
}

/** The Kubernetes API answered, and refused us: a matter for the operator, not for the sender. */
function isOurFault(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code === 'KUBERNETES_FORBIDDEN' || code === 'KUBERNETES_INVALID' || code === 'KUBERNETES_UNKNOWN_KIND'
  );
}

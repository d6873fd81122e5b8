import type { IncomingHttpHeaders } from 'node:http';

/** A webhook as it came: nothing is decoded before the signature holds. */
export interface WebhookRequest {
  readonly headers: IncomingHttpHeaders;
  /** Exactly the bytes that were sent; `undefined` when they are more than is kept, and only the headers tell what it is. */
  readonly body: Buffer | undefined;
}

/** Grows with the body, so that one of any length can be verified in constant memory. */
export interface Proof {
  update(chunk: Buffer): void;
  /** Asked once, after the last chunk; in constant time. */
  holds(): boolean;
}

/** What a webhook says. It is a hint: the repository itself is asked. */
export type WebhookEvent =
  | {
      readonly kind: 'push';
      /** Full name of the ref, e.g. `refs/heads/main`; absent: any. */
      readonly ref?: string;
      /** The new head; absent when the ref was deleted or the sender did not say. */
      readonly commit?: string;
    }
  /** A ping, or an event that we do not follow. */
  | { readonly kind: 'other' };

/** One git provider's way of sending webhooks. */
export interface WebhookProvider {
  /** Media types that it sends. */
  readonly mediaTypes: readonly string[];
  /**
   * Proves that the request was made by someone who knows the secret.
   * @param now seconds since 1970, for schemes that sign a time
   */
  prove(headers: IncomingHttpHeaders, secret: Buffer, now: number): Proof;
  /** What is the same when one delivery is sent again. */
  deliveryId(headers: IncomingHttpHeaders): string | undefined;
  /** @throws BAD_REQUEST when the payload is not what this provider sends */
  read(request: WebhookRequest): WebhookEvent;
}

/** The value of a header that may be sent once. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

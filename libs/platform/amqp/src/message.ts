/** A message as this product uses AMQP; sections that are not named here are left empty or ignored. */
export interface AmqpMessage {
  readonly body?: unknown;
  readonly subject?: string;
  readonly to?: string;
  readonly replyTo?: string;
  readonly messageId?: string | number;
  readonly correlationId?: string | number;
  readonly applicationProperties?: Readonly<Record<string, string | number | boolean>>;
  /** Kept by the broker through a restart. Default: true. */
  readonly durable?: boolean;
  /** Time to live, ms. */
  readonly ttl?: number;
}

export interface ReceivedMessage extends AmqpMessage {
  accept(): void;
  /** Gives it back, counted as a failed delivery. */
  release(): void;
  reject(): void;
}

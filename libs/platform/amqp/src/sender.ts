import { SambandError } from '@samband/errors';
import type { Delivery, EventContext, Message, Sender, Session } from 'rhea';
import { amqpFailure, timedOut } from './failures.js';
import { watchLink, type OnClosed } from './link.js';
import type { AmqpMessage } from './message.js';

export interface SenderOptions {
  /** For the attach, and for each message that names no other, ms. */
  readonly timeoutMs: number;
  /** Terminus capabilities, e.g. `queue` or `topic`. */
  readonly capabilities?: readonly string[];
}

export interface AmqpSender {
  readonly address: string;
  /**
   * Resolves when the peer accepted the message.
   *
   * @throws SambandError AMQP_NO_CREDIT when the peer grants no credit in time (address or disk full), FORBIDDEN,
   *   AMQP_REFUSED, AMQP_TIMEOUT when the fate of the message is unknown, BROKER_UNAVAILABLE
   */
  send(message: AmqpMessage, options?: { readonly timeoutMs?: number }): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly message: Message;
  readonly settle: (failure?: SambandError) => void;
}

export async function openSender(
  session: Session,
  address: string,
  options: SenderOptions,
  onClosed: OnClosed,
): Promise<AmqpSender> {
  const { capabilities } = options;
  const sender = session.attach_sender({
    target: { address, ...(capabilities === undefined ? {} : { capabilities: [...capabilities] }) },
    autosettle: true,
    treat_modified_as_released: false,
  } as Parameters<Session['attach_sender']>[0]);
  const life = watchLink(sender, session, `sending to ${address}`, options.timeoutMs, onClosed);
  const queue = new Set<Waiting>();
  const unsettled = new Map<Delivery, Waiting>();

  const pump = (): void => {
    for (const waiting of queue) {
      if (!hasRoom(sender, session)) return;
      queue.delete(waiting);
      unsettled.set(sender.send(waiting.message), waiting);
    }
  };
  const settle = (outcome: 'accepted' | 'released' | 'rejected' | 'modified') => (context: EventContext) => {
    const { delivery } = context;
    const waiting = delivery === undefined ? undefined : unsettled.get(delivery);
    if (delivery === undefined || waiting === undefined) return;
    unsettled.delete(delivery);
    waiting.settle(outcome === 'accepted' ? undefined : refusal(outcome, delivery, address));
    pump();
  };
  for (const outcome of ['accepted', 'released', 'rejected', 'modified'] as const)
    sender.on(outcome, settle(outcome));
  sender.on('sendable', pump);
  life.onEnd((failure) => {
    for (const waiting of [...queue, ...unsettled.values()]) waiting.settle(failure);
    queue.clear();
    unsettled.clear();
  });
  await life.opened;

  return {
    address,
    send: (message, { timeoutMs = options.timeoutMs } = {}) =>
      new Promise<void>((resolve, reject) => {
        const over = life.failure();
        if (over !== undefined) {
          reject(over);
          return;
        }
        const timer = setTimeout(() => {
          waiting.settle(
            queue.delete(waiting)
              ? noCredit(address, timeoutMs)
              : timedOut(`sending to ${address}`, timeoutMs),
          );
        }, timeoutMs);
        const waiting: Waiting = {
          message: toRhea(message),
          settle: (failure) => {
            clearTimeout(timer);
            if (failure === undefined) resolve();
            else reject(failure);
          },
        };
        queue.add(waiting);
        pump();
      }),
    close: life.close,
  };
}

export function toRhea(message: AmqpMessage): Message {
  const { applicationProperties, replyTo, correlationId, messageId, ttl } = message;
  return {
    body: message.body,
    durable: message.durable ?? true,
    ...(message.subject === undefined ? {} : { subject: message.subject }),
    ...(message.to === undefined ? {} : { to: message.to }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(messageId === undefined ? {} : { message_id: messageId }),
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(applicationProperties === undefined ? {} : { application_properties: applicationProperties }),
  };
}

/** Deliveries given to rhea in this turn are not taken off its credit yet. */
function hasRoom(sender: Sender, session: Session): boolean {
  const { credit } = sender as unknown as { credit: number };
  const { outgoing } = session as unknown as {
    outgoing: { next_delivery_id: number; next_pending_delivery: number; available(): number };
  };
  return credit > outgoing.next_delivery_id - outgoing.next_pending_delivery && outgoing.available() > 0;
}

function noCredit(address: string, timeoutMs: number): SambandError {
  return new SambandError(
    'AMQP_NO_CREDIT',
    `${address} took no message for ${timeoutMs} ms: it or the disk is full`,
    {
      facts: { timeoutMs },
    },
  );
}

function refusal(outcome: string, delivery: Delivery, address: string): SambandError {
  const state = delivery.remote_state as { error?: { condition?: string; description?: string } } | undefined;
  return amqpFailure(
    state?.error?.condition,
    state?.error?.description ?? outcome,
    `${address} ${outcome} a message`,
  );
}

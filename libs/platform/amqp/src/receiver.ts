import rhea, { type EventContext, type Session } from 'rhea';
import { amqpFailure, timedOut } from './failures.js';
import { watchLink, type OnClosed } from './link.js';
import type { ReceivedMessage } from './message.js';

export interface ReceiverOptions {
  /** For the attach, ms. */
  readonly timeoutMs: number;
  /** Messages the peer may send ahead. Default 1: nothing is taken that nobody reads. */
  readonly credit?: number;
  /** Take copies and leave the messages where they are. */
  readonly browse?: boolean;
  /** A node that the peer makes for this link; `address` must then be empty. */
  readonly dynamic?: boolean;
  readonly capabilities?: readonly string[];
  /** JMS style selector. */
  readonly selector?: string;
  /** Gets each message at once, instead of `next`. It must accept or release it. */
  readonly onMessage?: (message: ReceivedMessage) => void;
}

export interface AmqpReceiver {
  /** The peer's name of the node, for dynamic ones the only way to know it. */
  readonly address: string;
  /** The next message. @throws SambandError AMQP_TIMEOUT when none came, or why the link ended */
  next(options: { readonly timeoutMs: number }): Promise<ReceivedMessage>;
  /** Why the link ended, if it did. */
  failure(): Error | undefined;
  close(): Promise<void>;
}

export async function openReceiver(
  session: Session,
  address: string,
  options: ReceiverOptions,
  onClosed: OnClosed,
): Promise<AmqpReceiver> {
  const { credit = 1, onMessage, capabilities, selector } = options;
  const source = {
    ...(options.dynamic === true ? { dynamic: true } : { address }),
    ...(options.browse === true ? { distribution_mode: 'copy' } : {}),
    ...(capabilities === undefined ? {} : { capabilities: [...capabilities] }),
    ...(selector === undefined ? {} : { filter: rhea.filter.selector(selector) }),
  };
  const receiver = session.attach_receiver({
    source,
    credit_window: 0,
    autoaccept: false,
  });
  const what = options.dynamic === true ? 'receiving answers' : `receiving from ${address}`;
  const life = watchLink(receiver, session, what, options.timeoutMs, onClosed);
  const arrived: ReceivedMessage[] = [];
  const waiting = new Set<{ give: (message: ReceivedMessage) => void; fail: (error: Error) => void }>();

  receiver.on('message', (context: EventContext) => {
    const message = fromRhea(context, () => {
      receiver.add_credit(1);
    });
    if (onMessage !== undefined) {
      onMessage(message);
      return;
    }
    const [first] = waiting;
    if (first === undefined) arrived.push(message);
    else {
      waiting.delete(first);
      first.give(message);
    }
  });
  life.onEnd((failure) => {
    for (const { fail } of waiting) fail(failure);
    waiting.clear();
  });
  await life.opened;
  receiver.add_credit(credit);
  const name = (receiver.source as { address?: unknown } | undefined)?.address;

  return {
    address: typeof name === 'string' ? name : address,
    next: ({ timeoutMs }) =>
      new Promise<ReceivedMessage>((resolve, reject) => {
        const ready = arrived.shift();
        const over = life.failure();
        if (ready !== undefined) {
          resolve(ready);
          return;
        }
        if (over !== undefined) {
          reject(over);
          return;
        }
        const timer = setTimeout(() => {
          waiting.delete(entry);
          reject(timedOut(what, timeoutMs));
        }, timeoutMs);
        const entry = {
          give: (message: ReceivedMessage) => {
            clearTimeout(timer);
            resolve(message);
          },
          fail: (error: Error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        waiting.add(entry);
      }),
    failure: life.failure,
    close: life.close,
  };
}

function fromRhea(context: EventContext, settled: () => void): ReceivedMessage {
  const { message, delivery } = context;
  if (message === undefined || delivery === undefined)
    throw amqpFailure(undefined, 'no delivery', 'receiving');
  const { subject, to, reply_to: replyTo, message_id: messageId, correlation_id: correlationId } = message;
  const properties = message.application_properties as Record<string, string | number | boolean> | undefined;
  const once = (act: () => void): (() => void) => {
    return () => {
      if (delivery.settled) return;
      act();
      settled();
    };
  };
  return {
    body: message.body as unknown,
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(typeof to === 'string' ? { to } : {}),
    ...(typeof replyTo === 'string' ? { replyTo } : {}),
    ...(typeof messageId === 'string' || typeof messageId === 'number' ? { messageId } : {}),
    ...(typeof correlationId === 'string' || typeof correlationId === 'number' ? { correlationId } : {}),
    ...(properties === undefined ? {} : { applicationProperties: properties }),
    durable: message.durable === true,
    accept: once(() => {
      delivery.accept();
    }),
    release: once(() => {
      delivery.release({ delivery_failed: true });
    }),
    reject: once(() => {
      delivery.reject();
    }),
  };
}

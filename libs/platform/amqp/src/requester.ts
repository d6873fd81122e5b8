import { SambandError } from '@samband/errors';
import type { AmqpConnection } from './connection.js';
import { timedOut } from './failures.js';
import type { AmqpMessage, ReceivedMessage } from './message.js';

export interface RequesterOptions {
  /** For opening both links, and for each request that names no other, ms. */
  readonly timeoutMs: number;
  /** Answers the peer may send ahead. Default 250. */
  readonly credit?: number;
}

/** Requests and their answers, matched by correlation id: answers may come in any order. */
export interface AmqpRequester {
  /** @throws SambandError AMQP_TIMEOUT, BROKER_UNAVAILABLE, or as a sender throws */
  request(message: AmqpMessage, options?: { readonly timeoutMs?: number }): Promise<ReceivedMessage>;
  /** Requests without an answer yet. */
  inFlight(): number;
  close(): Promise<void>;
}

interface Pending {
  readonly give: (message: ReceivedMessage) => void;
  readonly fail: (error: Error) => void;
}

export async function openRequester(
  connection: AmqpConnection,
  address: string,
  options: RequesterOptions,
): Promise<AmqpRequester> {
  const pending = new Map<number, Pending>();
  let next = 1;
  const receiver = await connection.openReceiver('', {
    dynamic: true,
    timeoutMs: options.timeoutMs,
    credit: options.credit ?? 250,
    onMessage: (message) => {
      message.accept();
      const id = Number(message.correlationId);
      const entry = pending.get(id);
      pending.delete(id);
      entry?.give(message);
    },
  });
  const sender = await connection.openSender(address, { timeoutMs: options.timeoutMs });
  connection.onClosed((failure) => {
    for (const { fail } of pending.values()) {
      fail(failure ?? new SambandError('BROKER_UNAVAILABLE', 'the AMQP connection was closed'));
    }
    pending.clear();
  });

  return {
    request: async (message, { timeoutMs = options.timeoutMs } = {}) => {
      const id = next;
      next += 1;
      const answer = new Promise<ReceivedMessage>((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(receiver.failure() ?? timedOut(`a request to ${address}`, timeoutMs));
        }, timeoutMs);
        pending.set(id, {
          give: (received) => {
            clearTimeout(timer);
            resolve(received);
          },
          fail: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        });
      });
      sender
        .send({ ...message, replyTo: receiver.address, correlationId: id, durable: false }, { timeoutMs })
        .catch((error: unknown) => {
          const entry = pending.get(id);
          pending.delete(id);
          entry?.fail(error instanceof Error ? error : new Error('the request could not be sent'));
        });
      return answer;
    },
    inFlight: () => pending.size,
    close: async () => {
      await sender.close();
      await receiver.close();
    },
  };
}

import type { SambandError } from '@samband/errors';
import type { EventContext, Receiver, Sender, Session } from 'rhea';
import { amqpFailure, connectionLost, timedOut } from './failures.js';

export type OnClosed = (listener: (failure: SambandError | undefined) => void) => void;

/** What a link of either direction shares: its opening, its end and the reason for it. */
export interface LinkLife {
  /** Resolves when the peer attached its side to a node; rejects when it refused. */
  readonly opened: Promise<void>;
  /** Why nothing can be done with the link any more; `undefined` while it lives. */
  readonly failure: () => SambandError | undefined;
  /** Calls back once, at once if it is over already. */
  readonly onEnd: (listener: (failure: SambandError) => void) => void;
  readonly close: () => Promise<void>;
}

/** A peer that refuses attaches without a terminus first and detaches with the reason right after. */
export function watchLink(
  link: Sender | Receiver,
  session: Session,
  what: string,
  timeoutMs: number,
  onClosed: OnClosed,
): LinkLife {
  const side = link.is_sender() ? 'sender' : 'receiver';
  const listeners = new Set<(failure: SambandError) => void>();
  let failure: SambandError | undefined;
  const end = (reason: SambandError): void => {
    if (failure !== undefined) return;
    failure = reason;
    for (const listener of listeners) listener(reason);
    listeners.clear();
  };
  const ended = (): void => {
    const error = link.error as { condition?: string; description?: string } | undefined;
    end(amqpFailure(error?.condition, error?.description, what));
  };
  link.on(`${side}_error`, ended);
  link.on(`${side}_close`, ended);
  session.on('session_error', (context: EventContext) => {
    const error = context.session?.error as { condition?: string; description?: string } | undefined;
    end(amqpFailure(error?.condition, error?.description, what));
  });
  session.on('session_close', () => {
    end(amqpFailure(undefined, 'the session was closed', what));
  });
  onClosed((reason) => {
    end(reason ?? connectionLost('the peer'));
  });

  const life: LinkLife = {
    opened: new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(timedOut(what, timeoutMs));
        session.remove();
      }, timeoutMs);
      link.once(`${side}_open`, () => {
        const terminus = side === 'sender' ? (link.target as unknown) : (link.source as unknown);
        // A missing one comes as null or as an AMQP null.
        if (typeof terminus !== 'object' || terminus === null || !('address' in terminus)) return;
        clearTimeout(timer);
        resolve();
      });
      onceEnded(
        listeners,
        () => failure,
        (reason) => {
          clearTimeout(timer);
          reject(reason);
        },
      );
    }),
    failure: () => failure,
    onEnd: (listener) => {
      onceEnded(listeners, () => failure, listener);
    },
    close: async () => {
      if (failure !== undefined) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        onceEnded(
          listeners,
          () => failure,
          () => {
            clearTimeout(timer);
            resolve();
          },
        );
        link.close();
      });
      session.close();
    },
  };
  return life;
}

function onceEnded(
  listeners: Set<(failure: SambandError) => void>,
  failure: () => SambandError | undefined,
  listener: (failure: SambandError) => void,
): void {
  const over = failure();
  if (over === undefined) listeners.add(listener);
  else listener(over);
}

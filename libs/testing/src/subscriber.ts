import rhea, { type Connection, type EventContext, type Receiver } from 'rhea';

/** How a subscription is asked for, in AMQP's words; JMS clients send just these. */
export interface SubscriptionOptions {
  readonly durable?: boolean;
  readonly capabilities?: readonly ('topic' | 'shared' | 'global')[];
  readonly selector?: string;
}

export interface Subscription {
  /** The next message as text, accepted. */
  next(): Promise<string>;
  /** Goes away and leaves the subscription there. */
  detach(): Promise<void>;
  /** Goes away and ends the subscription, as JMS' `unsubscribe` does. */
  close(): Promise<void>;
}

export interface Subscriber {
  /** Rejects with AMQP's condition and description. */
  subscribe(address: string, name: string, options?: SubscriptionOptions): Promise<Subscription>;
  /** Ends a subscription by its name alone: a link without a source, closed. */
  unsubscribe(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A client that makes subscriptions of its own: container id and link name are their identity. Without a
 * password it logs in as nobody.
 */
export async function connectSubscriber(
  { host, port, ca }: { readonly host: string; readonly port: number; readonly ca?: string },
  login: { readonly containerId: string; readonly username: string; readonly password?: string },
): Promise<Subscriber> {
  const container = rhea.create_container({ id: login.containerId });
  for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected'])
    container.on(event, () => undefined);
  const connection: Connection = container.connect({
    ...(ca === undefined ? { host, port } : { transport: 'tls', host, servername: host, port, ca }),
    ...login,
    reconnect: false,
  });
  await new Promise<void>((resolve, reject) => {
    connection.once('connection_open', () => {
      resolve();
    });
    connection.once('disconnected', () => {
      reject(new Error('disconnected'));
    });
  });
  return {
    subscribe: (address, name, options = {}) => {
      const { durable = true, capabilities = [], selector } = options;
      return attach(connection, name, {
        source: {
          address,
          ...(durable ? { durable: 2, expiry_policy: 'never' } : {}),
          ...(capabilities.length === 0 ? {} : { capabilities: [...capabilities] }),
          ...(selector === undefined ? {} : { filter: rhea.filter.selector(selector) }),
        },
      });
    },
    unsubscribe: async (name) => {
      await (await attach(connection, name, {})).close();
    },
    close: () =>
      new Promise((resolve) => {
        if (!connection.is_open()) {
          resolve();
          return;
        }
        connection.once('disconnected', () => {
          resolve();
        });
        connection.once('connection_close', () => {
          resolve();
        });
        connection.close();
      }),
  };
}

function attach(connection: Connection, name: string, options: object): Promise<Subscription> {
  const session = connection.create_session();
  session.begin();
  const receiver = session.attach_receiver({
    ...options,
    name,
    credit_window: 0,
    autoaccept: false,
    autosettle: true,
  });
  const arrived: string[] = [];
  const waiting: ((body: string) => void)[] = [];
  receiver.on('message', ({ message, delivery }: EventContext) => {
    delivery?.accept();
    const body = String(message?.body);
    const give = waiting.shift();
    if (give === undefined) arrived.push(body);
    else give(body);
  });
  return new Promise((resolve, reject) => {
    receiver.on('receiver_error', () => {
      const { condition, description } = (receiver.error ?? {}) as Record<string, unknown>;
      reject(new Error(`${String(condition)}: ${String(description)}`));
    });
    receiver.once('receiver_open', () => {
      // A link that is refused attaches without a source first.
      const source = receiver.source as { address?: unknown } | undefined;
      if (typeof source?.address !== 'string') return;
      resolve({
        next: () => {
          const ready = arrived.shift();
          receiver.add_credit(1);
          if (ready !== undefined) return Promise.resolve(ready);
          return new Promise((give) => waiting.push(give));
        },
        detach: () => left(receiver, 'detach'),
        close: () => left(receiver, 'close'),
      });
    });
  });
}

function left(receiver: Receiver, how: 'detach' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    receiver.once('receiver_close', () => {
      resolve();
    });
    receiver[how]();
  });
}

import { connectAmqp, type AmqpConnection, type AmqpMechanism } from '@samband/amqp';

const timeoutMs = 10_000;

/** Where a space is and whom to trust: what its export says. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

/** Reads an exported ConfigMap's data, by EnMasse's keys. */
export function endpointOf(data: Readonly<Record<string, string>>): Endpoint {
  return {
    host: need(data, 'service.host'),
    port: Number(need(data, 'service.port.amqps')),
    ca: need(data, 'ca.crt'),
  };
}

export interface Login {
  readonly username: string;
  readonly password: string;
  readonly mechanism?: AmqpMechanism;
}

export type Refusal = 'FORBIDDEN' | 'NOT_FOUND';

/** A tenant's application, over TLS. */
export interface Client {
  readonly connection: AmqpConnection;
  send(address: string, ...bodies: readonly string[]): Promise<void>;
  /** Receives and accepts that many messages. */
  receive(address: string, count?: number): Promise<string[]>;
  /** Receives that many and hands them back as failed deliveries. */
  fail(address: string, count?: number): Promise<string[]>;
  /** What becomes of attaching: `allowed`, or the reason of the refusal. */
  trySend(address: string): Promise<'allowed' | Refusal>;
  tryReceive(address: string): Promise<'allowed' | Refusal>;
  tryBrowse(address: string): Promise<'allowed' | Refusal>;
  isOpen(): boolean;
  close(): Promise<void>;
}

/** @throws SambandError UNAUTHENTICATED when the login is refused, BROKER_UNAVAILABLE when nobody answers */
export async function connect({ host, port, ca }: Endpoint, login: Login): Promise<Client> {
  const connection = await connectAmqp({
    host,
    port,
    tls: { ca },
    username: login.username,
    password: login.password,
    ...(login.mechanism === undefined ? {} : { mechanism: login.mechanism }),
    containerId: 'journey',
    timeoutMs,
  });
  return {
    connection,
    send: async (address, ...bodies) => {
      const sender = await connection.openSender(address, { timeoutMs });
      for (const body of bodies) await sender.send({ body, durable: true });
      await sender.close();
    },
    receive: (address, count = 1) => take(connection, address, count, 'accept'),
    fail: (address, count = 1) => take(connection, address, count, 'release'),
    trySend: (address) => attempt(() => connection.openSender(address, { timeoutMs })),
    tryReceive: (address) => attempt(() => connection.openReceiver(address, { timeoutMs, credit: 0 })),
    tryBrowse: (address) => attempt(() => connection.openReceiver(address, { timeoutMs, browse: true })),
    isOpen: () => connection.isOpen(),
    close: () => connection.close(),
  };
}

async function take(
  connection: AmqpConnection,
  address: string,
  count: number,
  fate: 'accept' | 'release',
): Promise<string[]> {
  const receiver = await connection.openReceiver(address, { timeoutMs });
  const bodies: string[] = [];
  try {
    while (bodies.length < count) {
      const message = await receiver.next({ timeoutMs });
      bodies.push(String(message.body));
      message[fate]();
    }
  } finally {
    await receiver.close();
  }
  return bodies;
}

async function attempt(open: () => Promise<{ close(): Promise<void> }>): Promise<'allowed' | Refusal> {
  try {
    await (await open()).close();
    return 'allowed';
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'FORBIDDEN' || code === 'NOT_FOUND') return code;
    throw error;
  }
}

function need(data: Readonly<Record<string, string>>, key: string): string {
  const value = data[key];
  if (value === undefined)
    throw new Error(`the export has no key ${key}: it has ${Object.keys(data).join(', ')}`);
  return value;
}

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

/** A tenant's application, over TLS. Like any sensible one it connects again when its connection was closed. */
export interface Client {
  /** An open connection: the one there is, or a new one. */
  connection(): Promise<AmqpConnection>;
  send(address: string, ...bodies: readonly string[]): Promise<void>;
  /** Receives and accepts that many messages. */
  receive(address: string, count?: number): Promise<string[]>;
  /** Reads that many and leaves them there; needs the right to view. */
  browse(address: string, count?: number): Promise<string[]>;
  /** Receives that many and hands them back as failed deliveries. */
  fail(address: string, count?: number): Promise<string[]>;
  /** Receives that many and rejects them, as a consumer does that cannot read them. */
  reject(address: string, count?: number): Promise<string[]>;
  /** What becomes of attaching: `allowed`, or the reason of the refusal. */
  trySend(address: string): Promise<'allowed' | Refusal>;
  tryReceive(address: string): Promise<'allowed' | Refusal>;
  tryBrowse(address: string): Promise<'allowed' | Refusal>;
  /** Whether the newest connection is open. */
  isOpen(): boolean;
  close(): Promise<void>;
}

/** @throws SambandError UNAUTHENTICATED when the login is refused, BROKER_UNAVAILABLE when nobody answers */
export async function connect(endpoint: Endpoint, login: Login): Promise<Client> {
  let current = await open(endpoint, login);
  const connection = async (): Promise<AmqpConnection> => {
    if (!current.isOpen()) current = await open(endpoint, login);
    return current;
  };
  return {
    connection,
    send: async (address, ...bodies) => {
      const sender = await (await connection()).openSender(address, { timeoutMs });
      for (const body of bodies) await sender.send({ body, durable: true });
      await sender.close();
    },
    receive: async (address, count = 1) => take(await connection(), address, count, 'accept'),
    browse: async (address, count = 1) => take(await connection(), address, count, 'accept', true),
    fail: async (address, count = 1) => take(await connection(), address, count, 'release'),
    reject: async (address, count = 1) => take(await connection(), address, count, 'reject'),
    trySend: (address) => attempt(async () => (await connection()).openSender(address, { timeoutMs })),
    tryReceive: (address) =>
      attempt(async () => (await connection()).openReceiver(address, { timeoutMs, credit: 0 })),
    tryBrowse: (address) =>
      attempt(async () => (await connection()).openReceiver(address, { timeoutMs, browse: true })),
    isOpen: () => current.isOpen(),
    close: () => current.close(),
  };
}

function open(
  { host, port, ca }: Endpoint,
  { username, password, mechanism }: Login,
): Promise<AmqpConnection> {
  return connectAmqp({
    host,
    port,
    tls: { ca },
    username,
    password,
    ...(mechanism === undefined ? {} : { mechanism }),
    containerId: 'journey',
    timeoutMs,
  });
}

async function take(
  connection: AmqpConnection,
  address: string,
  count: number,
  fate: 'accept' | 'release' | 'reject',
  browse = false,
): Promise<string[]> {
  const receiver = await connection.openReceiver(address, { timeoutMs, browse });
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

async function attempt(attach: () => Promise<{ close(): Promise<void> }>): Promise<'allowed' | Refusal> {
  try {
    await (await attach()).close();
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

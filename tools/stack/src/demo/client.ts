import { connectAmqp, type AmqpConnection } from '@samband/amqp';
import type { ResourceStore } from '@samband/resources';

const timeoutMs = 10_000;

/** The team's application: all it knows is the exported ConfigMap and its credentials' Secret. */
export interface Client {
  send(address: string, bodies: readonly string[]): Promise<void>;
  /** Receives and accepts `count` messages. */
  receive(address: string, count: number): Promise<string[]>;
  /** Whether the broker lets us attach for receiving. */
  mayReceive(address: string): Promise<boolean>;
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function connectClient(
  store: ResourceStore,
  namespace: string,
  names: { configMap: string; credentials: string },
): Promise<Client> {
  const [configMap, secret] = await Promise.all([
    store.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: names.configMap }),
    store.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: names.credentials }),
  ]);
  const config = (configMap?.['data'] ?? {}) as Record<string, string>;
  const credentials = (secret?.['data'] ?? {}) as Record<string, string>;
  const host = need(config, 'service.host', names.configMap);
  const port = Number(need(config, 'service.port.amqps', names.configMap));
  const connection = await connectAmqp({
    host,
    port,
    tls: { ca: need(config, 'ca.crt', names.configMap) },
    username: decode(need(credentials, 'username', names.credentials)),
    password: decode(need(credentials, 'password', names.credentials)),
    containerId: 'samband-demo',
    timeoutMs,
  });
  return {
    endpoint: `${host}:${port}`,
    send: (address, bodies) => send(connection, address, bodies),
    receive: (address, count) => receive(connection, address, count),
    mayReceive: (address) => mayReceive(connection, address),
    close: () => connection.close(),
  };
}

async function send(connection: AmqpConnection, address: string, bodies: readonly string[]): Promise<void> {
  const sender = await connection.openSender(address, { timeoutMs });
  for (const body of bodies) await sender.send({ body });
  await sender.close();
}

async function receive(connection: AmqpConnection, address: string, count: number): Promise<string[]> {
  const receiver = await connection.openReceiver(address, { timeoutMs, credit: count });
  const bodies: string[] = [];
  while (bodies.length < count) {
    const message = await receiver.next({ timeoutMs });
    message.accept();
    bodies.push(String(message.body));
  }
  await receiver.close();
  return bodies;
}

async function mayReceive(connection: AmqpConnection, address: string): Promise<boolean> {
  try {
    const receiver = await connection.openReceiver(address, { timeoutMs, browse: true });
    await receiver.close();
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'NOT_FOUND' || code === 'FORBIDDEN') return false;
    throw error;
  }
}

function need(data: Record<string, string>, key: string, where: string): string {
  const value = data[key];
  if (value === undefined)
    throw new Error(`${where} has no key ${key}: it has ${Object.keys(data).join(', ') || 'none'}`);
  return value;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

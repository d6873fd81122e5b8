import net from 'node:net';
import tls from 'node:tls';
import { SambandError } from '@samband/errors';
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Session } from 'rhea';
import { connectionLost, timedOut } from './failures.js';
import type { AmqpMessage, ReceivedMessage } from './message.js';
import { openReceiver, type AmqpReceiver, type ReceiverOptions } from './receiver.js';
import { openRequester, type AmqpRequester, type RequesterOptions } from './requester.js';
import { createSaslClient, type AmqpMechanism, type SaslClient } from './sasl.js';
import { openSender, type AmqpSender, type SenderOptions } from './sender.js';

export interface AmqpOptions {
  readonly host: string;
  readonly port: number;
  /** PEM texts. With `servername` the certificate must carry that name, else the host. */
  readonly tls?: {
    readonly ca: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    /** Trusts exactly the certificate with this SHA-256 fingerprint (`AB:CD:…`), whoever issued it, for any name. */
    readonly fingerprint256?: string;
  };
  readonly username?: string;
  readonly password?: string;
  /** Default: PLAIN when there is a user name, else EXTERNAL when there is a certificate, else ANONYMOUS. */
  readonly mechanism?: AmqpMechanism;
  /** Name of this client in the broker's listings. */
  readonly containerId: string;
  /** For everything up to the peer's `open`, ms. */
  readonly timeoutMs: number;
  /** A peer that is silent for twice as long is taken for dead, ms. Default: 30,000. */
  readonly idleTimeoutMs?: number;
}

/** An open AMQP 1.0 connection. It does not reconnect: a lost one is reported and its owner decides. */
export interface AmqpConnection {
  /** @throws SambandError FORBIDDEN, NOT_FOUND, AMQP_REFUSED, AMQP_TIMEOUT or BROKER_UNAVAILABLE */
  openSender(address: string, options: SenderOptions): Promise<AmqpSender>;
  /** Throws as `openSender`. */
  openReceiver(address: string, options: ReceiverOptions): Promise<AmqpReceiver>;
  /** Requests to `address` with answers on a dynamic node of its own, matched by correlation id. */
  openRequester(address: string, options: RequesterOptions): Promise<AmqpRequester>;
  /** One request; for more than one open a requester. */
  request(
    address: string,
    message: AmqpMessage,
    options: { readonly timeoutMs: number },
  ): Promise<ReceivedMessage>;
  /** Calls back once when the connection is gone, with the failure unless `close` was asked for. */
  onClosed(listener: (failure: SambandError | undefined) => void): void;
  isOpen(): boolean;
  /** Says good-bye and waits, at most a second, for the peer's. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a connection on a container of its own.
 *
 * @throws SambandError UNAUTHENTICATED when the credentials are refused, BROKER_UNAVAILABLE when nobody answers or
 *   the TLS peer is not to be trusted, AMQP_TIMEOUT
 */
export async function connectAmqp(options: AmqpOptions): Promise<AmqpConnection> {
  const endpoint = `${options.host}:${options.port}`;
  const mechanism = options.mechanism ?? defaultMechanism(options);
  const sasl = createSaslClient(mechanism, options);
  const container = rhea.create_container({ id: options.containerId });
  // Without listeners rhea throws from inside the socket's callback.
  for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error']) {
    container.on(event, () => undefined);
  }
  let socket: net.Socket | undefined;
  const details: ConnectionOptions = {
    host: options.host,
    port: options.port,
    reconnect: false,
    idle_time_out: options.idleTimeoutMs ?? 30_000,
    max_frame_size: 262_144,
    sasl_init_hostname: options.tls?.servername ?? options.host,
    connection_details: () => ({
      host: options.host,
      port: options.port,
      connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
        socket = openSocket(options, connected);
        socket.on('error', () => undefined);
        return socket;
      },
    }),
  };
  // Not in rhea's types.
  Object.assign(details, { sasl_mechanisms: { [mechanism]: () => sasl } });
  const connection = container.create_connection(details);
  const lifecycle = watch(connection, endpoint, () => socket);

  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(timedOut(`connecting to ${endpoint}`, options.timeoutMs));
      }, options.timeoutMs);
      lifecycle.onClosed((failure) => {
        clearTimeout(timer);
        reject(failure ?? connectionLost(endpoint));
      });
      connection.once('connection_open', () => {
        // Then the reason follows with the close.
        if (hasFailed(connection)) return;
        clearTimeout(timer);
        if (sasl.isSatisfied()) resolve();
        else
          reject(new SambandError('UNAUTHENTICATED', `${endpoint} did not prove that it knows the password`));
      });
      connection.connect();
      heedOutcome(connection, sasl);
    });
  } catch (error) {
    destroy(socket);
    throw error;
  }
  return wrap(connection, lifecycle);
}

function defaultMechanism(options: AmqpOptions): AmqpMechanism {
  if (options.username !== undefined) return 'PLAIN';
  return options.tls?.cert === undefined ? 'ANONYMOUS' : 'EXTERNAL';
}

function openSocket(options: AmqpOptions, connected: () => void): net.Socket {
  const { host, port } = options;
  if (options.tls === undefined) return net.connect({ host, port, noDelay: true }, connected);
  const { ca, cert, key, servername, fingerprint256 } = options.tls;
  const name = servername ?? host;
  const socket = tls.connect(
    {
      host,
      port,
      ca,
      minVersion: 'TLSv1.2',
      // An address must not be sent as server name; the certificate is checked against it all the same.
      ...(net.isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
      rejectUnauthorized: fingerprint256 === undefined,
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    () => {
      if (fingerprint256 === undefined || socket.getPeerCertificate().fingerprint256 === fingerprint256)
        connected();
      else socket.destroy(new Error('the peer shows another certificate than the one that is expected'));
    },
  );
  socket.setNoDelay(true);
  return socket;
}

/** A peer that refuses after SASL opens with this property and closes at once (AMQP 1.0, part 2.4.6 and Artemis). */
function hasFailed(connection: Connection): boolean {
  const properties = connection.properties as Record<string, unknown> | undefined;
  return properties?.['amqp:connection-establishment-failed'] === true;
}

/** With an error, because that is what makes rhea stop its heartbeat, which would keep the process alive. */
function destroy(socket: net.Socket | undefined): void {
  socket?.destroy(new Error('the connection is over'));
}

/** Artemis sends the last message of SCRAM with the outcome; rhea does not show it to the mechanism. */
function heedOutcome(connection: Connection, sasl: SaslClient): void {
  type Heard = (frame: { performative: { additional_data?: unknown } }) => void;
  const transport = (connection as unknown as { sasl_transport: { on_sasl_outcome: Heard } }).sasl_transport;
  const heard = transport.on_sasl_outcome.bind(transport);
  transport.on_sasl_outcome = (frame) => {
    const data = frame.performative.additional_data;
    if (Buffer.isBuffer(data) && data.length > 0) sasl.heed(data);
    heard(frame);
  };
}

interface Lifecycle {
  readonly onClosed: (listener: (failure: SambandError | undefined) => void) => void;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

function watch(connection: Connection, endpoint: string, socket: () => net.Socket | undefined): Lifecycle {
  const listeners = new Set<(failure: SambandError | undefined) => void>();
  let ended: { readonly failure: SambandError | undefined } | undefined;
  let closing = false;
  let reason: SambandError | undefined;

  const end = (failure: SambandError | undefined): void => {
    if (ended !== undefined) return;
    ended = { failure: closing ? undefined : failure };
    for (const listener of listeners) listener(ended.failure);
    listeners.clear();
    destroy(socket());
  };
  const failed = (context: EventContext): void => {
    reason ??= failureOf(context, endpoint);
  };
  connection.on('connection_error', failed);
  connection.on('connection_close', (context: EventContext) => {
    end(failureOf(context, endpoint));
  });
  connection.on('disconnected', (context: EventContext) => {
    end(reason ?? connectionLost(endpoint, context.error));
  });
  connection.on('protocol_error', (error: unknown) => {
    end(
      new SambandError('AMQP_REFUSED', `${endpoint} does not speak AMQP 1.0 as expected`, { cause: error }),
    );
  });
  connection.on('error', (error: unknown) => {
    end(reason ?? connectionLost(endpoint, error));
  });

  return {
    onClosed: (listener) => {
      if (ended === undefined) listeners.add(listener);
      else listener(ended.failure);
    },
    isOpen: () => ended === undefined && !closing,
    close: async () => {
      if (ended !== undefined) return;
      closing = true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          end(undefined);
        }, 1000);
        listeners.add(() => {
          clearTimeout(timer);
          resolve();
        });
        connection.close();
      });
    },
  };
}

function failureOf(context: EventContext, endpoint: string): SambandError {
  const error = (context.error ?? context.connection.error) as
    { condition?: string; description?: string } | undefined;
  if (error?.condition === 'amqp:unauthorized-access') {
    return new SambandError('UNAUTHENTICATED', `${endpoint} refused the login`);
  }
  const said = error?.description ?? error?.condition ?? 'the peer closed it';
  return new SambandError('BROKER_UNAVAILABLE', `the connection to ${endpoint} was closed: ${said}`);
}

function wrap(connection: Connection, lifecycle: Lifecycle): AmqpConnection {
  // A session per link: rhea stops a whole session at the first delivery whose link has no credit.
  const session = (): Session => {
    const created = connection.create_session();
    created.begin();
    return created;
  };
  const requireOpen = (): void => {
    if (!lifecycle.isOpen()) throw new SambandError('BROKER_UNAVAILABLE', 'the AMQP connection is closed');
  };
  const self: AmqpConnection = {
    openSender: async (address, options) => {
      requireOpen();
      return openSender(session(), address, options, lifecycle.onClosed);
    },
    openReceiver: async (address, options) => {
      requireOpen();
      return openReceiver(session(), address, options, lifecycle.onClosed);
    },
    openRequester: (address, options) => openRequester(self, address, options),
    request: async (address, message, { timeoutMs }) => {
      const requester = await self.openRequester(address, { timeoutMs });
      try {
        return await requester.request(message);
      } finally {
        await requester.close();
      }
    },
    onClosed: lifecycle.onClosed,
    isOpen: lifecycle.isOpen,
    close: lifecycle.close,
  };
  return self;
}

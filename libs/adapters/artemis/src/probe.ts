import { randomUUID } from 'node:crypto';
import { connectAmqp } from '@samband/amqp';
import { SambandError } from '@samband/errors';
import { probeAddress, probeUser } from './names.js';

export interface ProbeOptions {
  readonly host: string;
  readonly amqpsPort: number;
  /** PEM: what tenants trust. */
  readonly ca: string;
  /** Name the certificate must carry, when it is not the host. */
  readonly servername?: string;
  /** Trust exactly this certificate instead of `ca`: for one whose issuer or names only its users know. */
  readonly fingerprint256?: string;
  /** Default: `probeUser`. */
  readonly username?: string;
  readonly password: string;
  /** For all of it, ms. */
  readonly timeoutMs: number;
}

/**
 * Proves a broker as a tenant would use it: over TLS, with a password, sends a message and receives the same one. The
 * queue is ours and keeps nothing while no probe listens; probes that run at once give each other's messages back.
 *
 * @throws SambandError PROBE_FAILED; its cause says what was wrong
 */
export async function probeBroker(options: ProbeOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  const left = (): number => Math.max(1, deadline - performance.now());
  try {
    const connection = await connectAmqp({
      host: options.host,
      port: options.amqpsPort,
      tls: {
        ca: options.ca,
        ...(options.servername === undefined ? {} : { servername: options.servername }),
        ...(options.fingerprint256 === undefined ? {} : { fingerprint256: options.fingerprint256 }),
      },
      username: options.username ?? probeUser,
      password: options.password,
      mechanism: 'PLAIN',
      containerId: 'samband-probe',
      timeoutMs: left(),
    });
    try {
      const receiver = await connection.openReceiver(probeAddress, { timeoutMs: left() });
      const sender = await connection.openSender(probeAddress, { timeoutMs: left() });
      const body = randomUUID();
      await sender.send({ body, durable: true, ttl: options.timeoutMs }, { timeoutMs: left() });
      for (;;) {
        const message = await receiver.next({ timeoutMs: left() });
        if (message.body === body) {
          message.accept();
          return;
        }
        message.release();
      }
    } finally {
      await connection.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown failure';
    throw new SambandError('PROBE_FAILED', `the broker did not pass its probe: ${reason}`, { cause });
  }
}

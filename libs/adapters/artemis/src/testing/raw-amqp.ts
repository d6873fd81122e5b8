import net from 'node:net';

/** What to send, and the sign in the answer that it is the next one's turn. */
export interface WireStep {
  readonly send: Buffer;
  readonly until: string;
}

export const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');

export const bareHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

/** A `sasl-init`. */
export function mechanismInit(mechanism: string, response: string): Buffer {
  const name = Buffer.from(mechanism);
  const data = Buffer.from(response);
  const fields = [
    Buffer.concat([Buffer.from([0xa3, name.length]), name]),
    Buffer.concat([Buffer.from([0xa0, data.length]), data]),
  ];
  return frame(1, Buffer.concat([Buffer.from([0x00, 0x53, 0x41]), list(fields)]));
}

/** Frames that no honest client sends, for tests of what happens before somebody has logged in. */
export const wire = {
  /** Answered with the list of mechanisms (0x40). */
  saslHeader: { send: saslHeader, until: '\x00S@' },
  /** AMQP's own header and an `open` with a container id and nothing else. */
  opening: {
    send: Buffer.concat([
      bareHeader,
      frame(0, Buffer.concat([Buffer.from([0x00, 0x53, 0x10]), list([Buffer.from([0xa1, 1, 0x78])])])),
    ]),
    until: 'never',
  },
  /** Answered with an outcome (0x44). */
  init: (mechanism: string, response: string): WireStep => ({
    send: mechanismInit(mechanism, response),
    until: '\x00SD',
  }),
} as const;

export type Verdict = 'opened' | 'refused' | 'silent';

/**
 * Takes the steps one after the other.
 *
 * @returns `opened` when the broker opened the connection and kept it, `refused` when it closed it, failed it or said so in
 *   SASL; `silent` when it did neither
 */
export function saslExchange(port: number, steps: readonly WireStep[]): Promise<Verdict> {
  return new Promise((resolve) => {
    const left = [...steps];
    let current: WireStep | undefined;
    let received = '';
    let seen = 0;
    const advance = (): void => {
      current = left.shift();
      seen = received.length;
      if (current !== undefined) socket.write(current.send);
    };
    const socket = net.connect(port, '127.0.0.1', advance);
    const finish = (verdict: Verdict): void => {
      socket.destroy();
      resolve(verdict);
    };
    socket.on('error', () => undefined);
    socket.on('close', () => {
      finish('refused');
    });
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (hasFailedSasl(received) || received.includes('unauthorized-access')) finish('refused');
      else if (received.includes('apache-activemq-artemis')) finish('opened');
      else if (current !== undefined && received.includes(current.until, seen)) advance();
    });
    socket.setTimeout(20_000, () => {
      finish('silent');
    });
  });
}

/** A SASL outcome whose code is not 0: AMQP 1.0, part 5.3.3.6. */
function hasFailedSasl(received: string): boolean {
  const code = /\x00SD[^]{3}\x50([^])/.exec(received)?.[1];
  return code !== undefined && code !== '\x00';
}

function list(fields: readonly Buffer[]): Buffer {
  const content = Buffer.concat(fields);
  return Buffer.concat([Buffer.from([0xc0, content.length + 1, fields.length]), content]);
}

function frame(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(body.length + 8);
  header[4] = 2;
  header[5] = type;
  return Buffer.concat([header, body]);
}

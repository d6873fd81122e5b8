import net from 'node:net';

/** Frames that no honest client sends, for tests of what happens before somebody has logged in. */
export const wire = {
  saslHeader: Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
  amqpHeader: Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'),
  /** `open` with a container id and nothing else. */
  open: frame(0, Buffer.concat([Buffer.from([0x00, 0x53, 0x10]), list([Buffer.from([0xa1, 1, 0x78])])])),
  init: (mechanism: string, response: string): Buffer => {
    const name = Buffer.from(mechanism);
    const data = Buffer.from(response);
    const fields = [
      Buffer.concat([Buffer.from([0xa3, name.length]), name]),
      Buffer.concat([Buffer.from([0xa0, data.length]), data]),
    ];
    return frame(1, Buffer.concat([Buffer.from([0x00, 0x53, 0x41]), list(fields)]));
  },
} as const;

/**
 * Sends each frame after an answer to the one before.
 *
 * @returns `opened` when the broker opened the connection and kept it, `refused` when it closed it or failed it
 */
export function saslExchange(port: number, frames: readonly Buffer[]): Promise<'opened' | 'refused'> {
  return new Promise((resolve) => {
    const left = [...frames];
    let received = '';
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(left.shift() ?? Buffer.alloc(0));
    });
    const finish = (result: 'opened' | 'refused'): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('error', () => undefined);
    socket.on('close', () => {
      finish('refused');
    });
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const next = left.shift();
      if (next !== undefined) socket.write(next);
      if (received.includes('unauthorized-access')) finish('refused');
      else if (received.includes('apache-activemq-artemis')) finish('opened');
    });
    // A broker that goes on waiting has not let anybody in.
    socket.setTimeout(600, () => {
      finish('refused');
    });
  });
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

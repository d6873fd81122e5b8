import { bareHeader, mechanismInit, saslHeader } from './raw-amqp.js';

/** What somebody sends who has not logged in; `name` tells of it when a test fails. */
export interface Beginning {
  readonly name: string;
  readonly bytes: Buffer;
}

const sizes = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 511, 512, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff,
];
const offsets = [0, 1, 2, 3, 255];
const types = [0, 1, 2, 255];
const tails = [1, 64];

/** Values that decoders have been broken by: nested, counted and described ones, and such as end too early. */
const values: Readonly<Record<string, string>> = {
  'a list that says it is huge': 'd0 ffffffff ffffffff',
  'an array of two thousand million nulls': 'f0 00000009 7fffffff 40',
  'an array of two thousand million true': 'f0 00000009 7fffffff 41',
  'an array of two thousand million empty lists': 'f0 00000009 7fffffff 45',
  'a map of an odd count': 'c1 02 03 40',
  'a text that is longer than the frame': 'b1 7fffffff 61',
  'a type that there is not': '3f',
  'a described descriptor': '00 00 53 41 40 40',
  'nothing at all': '',
};
const nestings: Readonly<Record<string, string>> = {
  lists: 'd0 00000fff 00000001',
  descriptors: '00',
  arrays: 'f0 00000fff 00000001 f0',
};

function head(size: number, offset: number, type: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(size);
  bytes[4] = offset;
  bytes[5] = type;
  return bytes;
}

function whole(type: number, body: Buffer): Buffer {
  return Buffer.concat([head(body.length + 8, 2, type), body]);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function frames(before: Buffer, performative: number, type: number): Beginning[] {
  const found: Beginning[] = [];
  const add = (name: string, ...parts: Buffer[]): void => {
    found.push({ name: `${name} (type ${type})`, bytes: Buffer.concat([before, ...parts]) });
  };
  for (const size of sizes)
    for (const offset of offsets)
      for (const each of types)
        for (const tail of tails)
          add(
            `frame of ${size} with offset ${offset}, type ${each}, and ${tail} bytes`,
            head(size, offset, each),
            Buffer.alloc(tail, 0x41),
          );
  const described = Buffer.from([0x00, 0x53, performative]);
  for (const [name, text] of Object.entries(values)) {
    add(name, whole(type, hex(text)));
    add(`fields: ${name}`, whole(type, Buffer.concat([described, hex(text)])));
    const fields = Buffer.concat([hex('c0'), Buffer.from([hex(text).length + 1, 1]), hex(text)]);
    add(`a field: ${name}`, whole(type, Buffer.concat([described, fields])));
  }
  for (const [name, text] of Object.entries(nestings)) {
    const nested = Buffer.concat(Array.from({ length: 400 }, () => hex(text)));
    add(`nested ${name}`, whole(type, nested));
    add(`fields of nested ${name}`, whole(type, Buffer.concat([described, nested])));
  }
  for (let length = 1; length < 8; length += 1) add(`${length} bytes of a frame`, Buffer.alloc(length));
  return found;
}

/** Other protocols, and headers that are nearly right. */
export const strangeHeaders: readonly Beginning[] = [
  ...[
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'CONNECT\n\n\0',
    'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n',
  ],
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483647\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  'AMQP\x02\x01\x00\x00',
  'AMQP\x03\x01\x00\x01',
  'AMQP\x01\x01\x00\x09',
  'AMQP\x00\x00\x09\x01',
  'AMQ',
  '\x10\x26\x00\x04MQTT\x04\x02',
  '\x00\x00\x00\x00\x00\x00\x00\x00',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
  '\xff'.repeat(64),
  'garbage '.repeat(4000),
].map((text) => ({
  name: `header ${JSON.stringify(text.slice(0, 24))}`,
  bytes: Buffer.from(text, 'latin1'),
}));

/** Before a login. */
export const saslBeginnings: readonly Beginning[] = [
  ...frames(saslHeader, 0x41, 1),
  ...frames(bareHeader, 0x10, 0),
  // Each of these costs the broker what a password costs.
  ...frames(Buffer.concat([saslHeader, mechanismInit('SCRAM-SHA-256', 'n,,n=bob,r=abc')]), 0x43, 1).filter(
    (_, index) => index % 8 === 0,
  ),
  {
    name: 'many answers',
    bytes: Buffer.concat([
      saslHeader,
      mechanismInit('SCRAM-SHA-256', 'n,,n=bob,r=abc'),
      ...Array.from({ length: 50 }, () => whole(1, hex('00 53 43 c0 03 01 a0 00'))),
    ]),
  },
  { name: 'no mechanism', bytes: Buffer.concat([saslHeader, whole(1, hex('00 53 41 c0 02 01 40'))]) },
  {
    name: 'an empty mechanism',
    bytes: Buffer.concat([saslHeader, whole(1, hex('00 53 41 c0 03 01 a3 00'))]),
  },
  {
    name: 'a mechanism twice',
    bytes: Buffer.concat([saslHeader, mechanismInit('PLAIN', 'x'), mechanismInit('PLAIN', 'x')]),
  },
];

/** After a login that costs nothing. */
export const openBeginnings: readonly Beginning[] = frames(
  Buffer.concat([saslHeader, mechanismInit('ANONYMOUS', 'x'), bareHeader]),
  0x10,
  0,
);

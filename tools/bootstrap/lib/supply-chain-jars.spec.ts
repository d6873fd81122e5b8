import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { describeJar } from './supply-chain-jars.mjs';

/** A zip of these entries, every other one stored without compression. */
function jar(entries: Record<string, string>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, [name, text]] of Object.entries(entries).entries()) {
    const method = index % 2 === 0 ? 8 : 0;
    const data = method === 8 ? deflateRawSync(Buffer.from(text)) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    local.writeUInt16LE(name.length, 26);
    files.push(local, Buffer.from(name), data);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

const properties = (group: string, name: string, version: string): string =>
  `#Generated\r\ngroupId=${group}\r\nartifactId=${name}\r\nversion=${version}\r\n`;

describe('a jar', () => {
  it('is known by the Maven properties of its own, not by those of what it swallowed', () => {
    const bytes = jar({
      'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\n',
      'META-INF/maven/org.swallowed/thing/pom.properties': properties('org.swallowed', 'thing', '9'),
      'META-INF/maven/io.netty/netty-buffer/pom.properties': properties(
        'io.netty',
        'netty-buffer',
        '4.1.137.Final',
      ),
    });
    expect(describeJar('netty-buffer-4.1.137.Final.jar', bytes)).toEqual({
      group: 'io.netty',
      name: 'netty-buffer',
      version: '4.1.137.Final',
    });
  });

  it('without properties is known by its file name, and claims no group', () => {
    expect(describeJar('picocli-shell-jline3-4.7.7.jar', jar({}))).toEqual({
      group: undefined,
      name: 'picocli-shell-jline3',
      version: '4.7.7',
    });
    expect(describeJar('artemis-boot.jar', Buffer.from('no zip'))).toMatchObject({ version: 'unknown' });
  });
});

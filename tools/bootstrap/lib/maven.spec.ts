import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { artifactUrl, download, mirrorOf } from './maven.mjs';

const mirror = (of: string, url: string): string =>
  `<mirror><id>x</id><mirrorOf>${of}</mirrorOf><url>${url}</url></mirror>`;

describe("the user's Maven settings", () => {
  it.each([
    ['central', 'https://mirror.example/maven'],
    ['*', 'https://mirror.example/maven'],
    ['external:*', 'https://mirror.example/maven'],
    ['internal, central', 'https://mirror.example/maven'],
  ])('a mirror of %s is used', (of, url) => {
    expect(mirrorOf(`<settings><mirrors>${mirror(of, url)}</mirrors></settings>`)).toBe(url);
  });

  it.each([
    ['one of other repositories', mirror('internal', 'https://a.example')],
    ['one that leaves central out', mirror('*,!central', 'https://a.example')],
    ['one that is commented out', `<!-- ${mirror('*', 'https://a.example')} -->`],
    ['none', ''],
  ])('%s is not', (_name, settings) => {
    expect(mirrorOf(settings)).toBeUndefined();
  });
});

describe('an artifact', () => {
  const artifact = { group: 'org.example.x', id: 'thing', version: '1.2', type: 'tar.gz', classifier: 'bin' };

  it('is found where Maven repositories keep it', () => {
    expect(artifactUrl(artifact, 'https://m.example/root/')).toBe(
      'https://m.example/root/org/example/x/thing/1.2/thing-1.2-bin.tar.gz',
    );
  });

  it('is downloaded whole, with its progress told', async () => {
    const bytes = Buffer.alloc(3_000_000, 'a');
    const server = createServer((_request, response) => {
      response.setHeader('content-length', bytes.length);
      response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(path.join(tmpdir(), 'samband-maven-'));
    try {
      const said: string[] = [];
      const file = path.join(folder, 'a.tar.gz');
      await download(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a`, file, (text) =>
        said.push(text),
      );
      expect(readFileSync(file).equals(bytes)).toBe(true);
      expect(said.at(-1)).toBe('3 of 3 MB');
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('that is not there is told with what to do', async () => {
    const server = createServer((_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
    await expect(download(url, '/dev/null', () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('404'),
      mend: expect.stringContaining('ARTEMIS_HOME'),
    });
    server.close();
  });
});

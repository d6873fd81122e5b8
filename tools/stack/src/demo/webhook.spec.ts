import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { postPush, sign } from './webhook.js';

const repository = {
  url: 'file:///r.git',
  branch: 'main',
  write: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  push: () => Promise.reject(new Error('not here')),
};
const push = { before: '0'.repeat(40), after: 'a'.repeat(40), message: 'Hello' };

/** Posts to a server that answers `status`, and returns what it got. */
async function posted(
  status: number,
): Promise<{ headers: IncomingMessage['headers']; body: string; outcome: unknown }> {
  let headers: IncomingMessage['headers'] = {};
  let body = '';
  const server = createServer((request, response) => {
    headers = request.headers;
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      response.statusCode = status;
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ns/name`;
  const outcome = await postPush(url, 'secret', repository, push).then(
    () => 'accepted',
    (error: unknown) => error,
  );
  server.close();
  return { headers, body, outcome };
}

describe('a push as GitHub posts it', () => {
  it('signs the raw body', async () => {
    const { headers, body } = await posted(202);
    expect(headers['x-hub-signature-256']).toBe(`sha256=${sign(body, 'secret')}`);
    expect(headers['x-github-event']).toBe('push');
    expect(JSON.parse(body)).toMatchObject({ ref: 'refs/heads/main', after: push.after, created: true });
  });

  it('is signed as in GitHub’s own example', () => {
    expect(sign('Hello, World!', "It's a Secret to Everybody")).toBe(
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    );
  });

  it('fails for every answer but 202', async () => {
    expect((await posted(202)).outcome).toBe('accepted');
    expect(String((await posted(401)).outcome)).toContain('answered 401');
    expect(String((await posted(200)).outcome)).toContain('answered 200');
  });
});

import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import {
  commit,
  githubHeaders,
  pushOf,
  secret,
  source,
  startWorld,
  type World,
  type WorldOptions,
} from '../testing/world.fixture.js';

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});
async function start(options: WorldOptions = {}): Promise<World> {
  world = await startWorld(options);
  return world;
}

const hook = '/webhooks/team1/app';

describe('a webhook', () => {
  it('makes the workflow of its source look, and names the newest rollout of the commit', async () => {
    const { post, journaled, signals } = await start();
    const response = await post(hook, pushOf(), githubHeaders(pushOf()));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ source: 'app', rollout: `app-${commit.slice(0, 12)}-2` });
    expect(signals).toEqual(['team1/app']);
    // Temporal has taken it: nothing need be written down.
    expect(journaled()).toEqual([]);
  });

  it('of a commit that has no rollout yet names none', async () => {
    const { post } = await start();
    const body = pushOf('main', 'a'.repeat(40));
    expect(await (await post(hook, body, githubHeaders(body))).json()).toEqual({ source: 'app' });
  });

  it.each([
    ['of another branch', pushOf('main2'), {}],
    ['of a tag with the name of the branch', pushOf().replace('refs/heads/', 'refs/tags/'), {}],
    ['of a branch written with look-alikes', pushOf('mаin'), {}],
    ['of a ref that climbs', JSON.stringify({ ref: 'refs/heads/../heads/main', after: commit }), {}],
    ['that is a ping', JSON.stringify({ zen: 'x' }), { 'x-github-event': 'ping' }],
    ['of another event', JSON.stringify({}), { 'x-github-event': 'issues' }],
  ])('%s is taken without effect', async (_what, body, changes) => {
    const { post, journaled, signals } = await start();
    const response = await post(hook, body, githubHeaders(body, changes));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ source: 'app' });
    expect([journaled(), signals]).toEqual([[], []]);
  });

  it('that deletes the branch makes the source look', async () => {
    const { post, signals } = await start();
    const body = pushOf('main', '0'.repeat(40));
    expect((await post(hook, body, githubHeaders(body))).status).toBe(202);
    expect(signals).toHaveLength(1);
  });

  it('that is delivered twice has effect once, but after a failure it may come again', async () => {
    const { post, signals, outside } = await start();
    outside.temporal = 'down';
    const headers = githubHeaders(pushOf(), { 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' });
    outside.kubernetes = 'down';
    expect((await post(hook, pushOf(), headers)).status).toBe(503);
    outside.kubernetes = 'up';
    expect((await post(hook, pushOf(), headers)).status).toBe(202);
    outside.temporal = 'up';
    await eventually(() => signals.length === 1);
    expect((await post(hook, pushOf(), headers)).status).toBe(202);
    await world?.app.close();
    expect(signals).toHaveLength(1);
  });

  it.each(['down', 'hangs'] as const)('is taken while Temporal %s: the journal is enough', async (state) => {
    const { post, journaled, signals, outside } = await start();
    outside.temporal = state;
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
    expect(journaled()).toEqual(['team1/app']);
    outside.temporal = 'up';
    await eventually(() => signals.includes('team1/app'));
  });

  it('is taken while the Kubernetes API is away, as long as Temporal takes it', async () => {
    const { post, put, signals, outside } = await start();
    put(source('other'));
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
    outside.kubernetes = 'down';
    expect((await post('/webhooks/team1/other', pushOf(), githubHeaders(pushOf()))).status).toBe(202);
    expect(signals).toEqual(['team1/app', 'team1/other']);
  });

  it('answers 503 with Retry-After and without internals when the Kubernetes API is away', async () => {
    const { post, outside } = await start();
    await post(hook, pushOf(), githubHeaders(pushOf()));
    outside.kubernetes = 'down';
    outside.temporal = 'down';
    const response = await post(hook, pushOf(), githubHeaders(pushOf()));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.text()).not.toContain('10.1.2.3');
  });
});

describe('a webhook that nobody signed', () => {
  const signature = githubHeaders(pushOf())['x-hub-signature-256'] ?? '';
  it.each([
    ['no signature', { 'x-hub-signature-256': '' }],
    ['a wrong signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['a truncated signature', { 'x-hub-signature-256': signature.slice(0, -1) }],
    [
      'a signature in upper case',
      { 'x-hub-signature-256': signature.toUpperCase().replace('SHA256', 'sha256') },
    ],
    ['the SHA-1 header', { 'x-hub-signature-256': '', 'x-hub-signature': signature.replace('256', '1') }],
    ['the scheme sha1', { 'x-hub-signature-256': signature.replace('sha256', 'sha1') }],
    ['two signatures', { 'x-hub-signature-256': `${signature}, ${signature}` }],
    [
      'the signature in another provider’s header',
      { 'x-hub-signature-256': '', 'x-samband-signature': signature },
    ],
    ['the secret as another provider’s token', { 'x-hub-signature-256': '', 'x-gitlab-token': 'hook' }],
  ])('is refused: %s', async (_what, changes) => {
    const { post, signals } = await start();
    expect((await post(hook, pushOf(), githubHeaders(pushOf(), changes))).status).toBe(401);
    expect(signals).toEqual([]);
  });

  it('is refused with the secret of another source, and of its own at another provider', async () => {
    const { post, put, signals } = await start();
    put(source('other', { webhook: { secretRef: { name: 'others' } } }));
    put(source('lab', { provider: 'gitlab' }));
    put(secret('others', { secret: 'another secret' }));
    expect((await post('/webhooks/team1/other', pushOf(), githubHeaders(pushOf()))).status).toBe(401);
    expect((await post('/webhooks/team1/lab', pushOf(), githubHeaders(pushOf()))).status).toBe(401);
    expect(signals).toEqual([]);
  });

  it('is refused when the JSON means the same but the bytes differ', async () => {
    const { post } = await start();
    expect((await post(hook, pushOf().replace('{', '{ '), githubHeaders(pushOf()))).status).toBe(401);
  });

  it('gets one and the same answer whether source, secret or signature is missing', async () => {
    const { post, put } = await start();
    const unhooked = source('no-ref');
    delete unhooked.spec.webhook;
    put(unhooked);
    put(source('lost', { webhook: { secretRef: { name: 'nowhere' } } }));
    put(source('empty', { webhook: { secretRef: { name: 'empty' } } }));
    put(secret('empty', { secret: '\n', previous: '' }));
    const refused = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}`, 'x-correlation-id': 'c' };
    const names = ['app', 'unknown', 'no-ref', 'lost', 'empty', 'Not_A_Name', '%00', 'a'.repeat(250)];
    const answers = await Promise.all(
      names.map(async (name) => {
        const response = await post(`/webhooks/team1/${name}`, pushOf(), githubHeaders(pushOf(), refused));
        return {
          status: response.status,
          type: response.headers.get('content-type'),
          body: await response.text(),
        };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 401, type: 'application/problem+json; charset=utf-8' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('signed with an empty secret is refused', async () => {
    const { post, put } = await start();
    put(source('empty', { webhook: { secretRef: { name: 'empty' } } }));
    put(secret('empty', { secret: '' }));
    const forged = `sha256=${createHmac('sha256', '').update(pushOf()).digest('hex')}`;
    const response = await post(
      '/webhooks/team1/empty',
      pushOf(),
      githubHeaders(pushOf(), { 'x-hub-signature-256': forged }),
    );
    expect(response.status).toBe(401);
  });

  it('does not tell which sources exist while the Kubernetes API is away', async () => {
    const { post, outside } = await start();
    outside.kubernetes = 'down';
    const headers = githubHeaders(pushOf(), { 'x-hub-signature-256': 'sha256=0' });
    expect((await post(hook, pushOf(), headers)).status).toBe(503);
    expect((await post('/webhooks/team1/unknown', pushOf(), headers)).status).toBe(503);
  });

  it('looks unsigned when the api may not read the secret', async () => {
    const { post, outside } = await start();
    outside.kubernetes = 'forbids';
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(401);
  });
});

describe('the secret of a webhook', () => {
  it('and the one before it are both good', async () => {
    const { post, put } = await start();
    put(secret('hook', { secret: 'new one', previous: 'It’s a Secret to Everybody\n' }));
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
  });

  it('counts as soon as it is changed, and the old one ends', async () => {
    let now = 0;
    const clock = { wall: () => Date.now(), monotonic: () => now, sleep: () => Promise.resolve() };
    const { post, put } = await start({ clock });
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
    put(secret('hook', { secret: 'changed' }));
    now += 1001;
    const changed = `sha256=${createHmac('sha256', 'changed').update(pushOf()).digest('hex')}`;
    const headers = githubHeaders(pushOf(), { 'x-hub-signature-256': changed });
    expect((await post(hook, pushOf(), headers)).status).toBe(202);
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(401);
  });

  it('is not read anew for every webhook', async () => {
    const { post, reads } = await start();
    for (let index = 0; index < 5; index += 1) await post(hook, pushOf(), githubHeaders(pushOf()));
    expect(reads).toEqual(['Secret team1/hook']);
  });
});

describe('the body of a webhook', () => {
  it.each([
    ['is not JSON', '{'],
    ['is null', 'null'],
    ['is an array', '[]'],
    ['has no ref', '{"commits":null}'],
    ['has a ref that is null', '{"ref":null,"commits":[null],"changes":null,"links":[]}'],
    [
      'has a ref in its prototype',
      '{"__proto__":{"ref":"refs/heads/main"},"constructor":{"prototype":{"ref":1}}}',
    ],
    ['is ten thousand levels deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['is empty', ''],
  ])('that %s is refused with 400, and nothing happens', async (_what, body) => {
    const { post, signals } = await start();
    const response = await post(hook, body, githubHeaders(body));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'BAD_REQUEST' });
    expect(signals).toEqual([]);
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
  });

  it('may hold anything beside the ref: duplicate keys, nulls, thousands of commits', async () => {
    const { post } = await start();
    const commits = Array.from({ length: 5000 }, () => null);
    const body = `{"ref":"refs/heads/other","commits":${JSON.stringify(commits)},"ref":"refs/heads/main"}`;
    expect((await post(hook, body, githubHeaders(body))).status).toBe(202);
  });

  it('in GitHub’s form mode is read too', async () => {
    const { post, signals } = await start();
    const body = new URLSearchParams({ payload: pushOf() }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(hook, body, githubHeaders(body, type))).status).toBe(202);
    expect(signals).toHaveLength(1);
  });

  it.each([
    ['text', { 'content-type': 'text/plain' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('that is %s is refused with 415', async (_what, changes) => {
    const { post } = await start();
    const response = await post(hook, pushOf(), githubHeaders(pushOf(), changes));
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  const sized = (bytes: number, branch = 'main'): string => {
    const frame = `{"ref":"refs/heads/${branch}","x":""}`;
    return frame.replace('""}', `"${'x'.repeat(bytes - frame.length)}"}`);
  };

  it('of 25 MiB is taken, and one byte more is refused with 413', async () => {
    const { post } = await start();
    const [fits, exceeds] = [sized(25 << 20), sized((25 << 20) + 1)];
    expect((await post(hook, fits, githubHeaders(fits))).status).toBe(202);
    const response = await post(hook, exceeds, githubHeaders(exceeds));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('of more than 1 MiB is not read, only verified to its last byte: the source looks whatever it says', async () => {
    const { post, signals } = await start();
    const [kept, long] = [sized(1 << 20, 'other'), sized((1 << 20) + 1, 'other')];
    expect((await post(hook, kept, githubHeaders(kept))).status).toBe(202);
    expect(signals).toEqual([]);
    const forged = `${long.slice(0, -3)}y"}`;
    expect((await post(hook, forged, githubHeaders(long))).status).toBe(401);
    expect(signals).toEqual([]);
    expect((await post(hook, long, githubHeaders(long))).status).toBe(202);
    expect(signals).toEqual(['team1/app']);
  });

  it('without a length is cut off while it is read', async () => {
    const { url } = await start();
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        `${url}${hook}`,
        { method: 'POST', headers: githubHeaders('') },
        (response) => {
          resolve(response.statusCode ?? 0);
          request.destroy();
        },
      );
      request.on('error', reject);
      const chunk = Buffer.alloc(64 << 10);
      const feed = (): void => {
        if (!request.destroyed) request.write(chunk, feed);
      };
      feed();
    });
    expect(status).toBe(413);
  });
});

describe('the hook of a namespace', () => {
  const all = '/webhooks/team1';

  it('makes every source look that has the provider and the secret it is signed for', async () => {
    const { post, put, signals } = await start();
    put(source('api'));
    put(source('elsewhere', {}, 'team2'));
    put(source('other-branch', { ref: { branch: 'next' } }));
    put(source('other-provider', { provider: 'generic' }));
    put(source('other-secret', { webhook: { secretRef: { name: 'another' } } }));
    put(secret('another', { secret: 'another' }));
    const unhooked = source('unhooked');
    delete unhooked.spec.webhook;
    put(unhooked);
    const response = await post(all, pushOf(), githubHeaders(pushOf()));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      sources: [
        { source: 'app', rollout: `app-${commit.slice(0, 12)}-2` },
        { source: 'api' },
        { source: 'other-branch' },
      ],
    });
    expect(signals).toEqual(['team1/app', 'team1/api']);
  });

  it('answers like that of a source when nobody signed it, also where no source is', async () => {
    const { post } = await start();
    const forged = githubHeaders(pushOf(), { 'x-hub-signature-256': 'sha256=0', 'x-correlation-id': 'c' });
    const answers = await Promise.all(
      [hook, all, '/webhooks/nowhere', '/webhooks/Not_A_Name'].map(async (path) => {
        const response = await post(path, pushOf(), forged);
        return { status: response.status, body: await response.text() };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 401 });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('serves the other sources when one of them is sent too much', async () => {
    const { post, put, signals } = await start({ perMinute: 1, burst: 1 });
    put(source('api'));
    await post(hook, pushOf(), githubHeaders(pushOf()));
    const body = await (await post(all, pushOf(), githubHeaders(pushOf()))).json();
    expect(body).toEqual({ sources: [{ source: 'api' }] });
    await eventually(() => signals.filter((one) => one === 'team1/app').length === 2);
    expect((await post(all, pushOf(), githubHeaders(pushOf()))).status).toBe(429);
  });
});

describe('a webhook that met a closed door', () => {
  it('makes its source look all the same', async () => {
    const { post, put, signals, outside } = await start();
    put(source('unread', { webhook: { secretRef: { name: 'unread' } } }));
    outside.kubernetes = 'down';
    const response = await post('/webhooks/team1/unread', pushOf(), githubHeaders(pushOf()));
    expect(response.status).toBe(503);
    await eventually(() => signals.includes('team1/unread'));
  });
});

describe('too many webhooks', () => {
  it('of one source get 429 with Retry-After; other sources do not notice', async () => {
    const { post, put } = await start({ perMinute: 60, burst: 2 });
    put(source('other'));
    const send = (name: string) => post(`/webhooks/team1/${name}`, pushOf(), githubHeaders(pushOf()));
    expect([(await send('app')).status, (await send('app')).status]).toEqual([202, 202]);
    const limited = await send('app');
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await send('other')).status).toBe(202);
  });

  it('still make the source look, once, so that the last push is not lost', async () => {
    const { post, signals } = await start({ perMinute: 1, burst: 1 });
    const send = () => post(hook, pushOf(), githubHeaders(pushOf()));
    expect((await send()).status).toBe(202);
    const limited = await Promise.all(Array.from({ length: 20 }, send));
    expect(limited.map(({ status }) => status)).toEqual(Array(20).fill(429));
    const before = signals.length;
    await send();
    await eventually(() => signals.length > before);
  });

  it('that are forged get 429 too, and the real ones pass', async () => {
    const { post } = await start({ perMinute: 1, burst: 3 });
    const forged = githubHeaders(pushOf(), { 'x-hub-signature-256': 'sha256=0' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(hook, pushOf(), forged)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([401, 401, 401, ...Array<number>(7).fill(429)]);
    expect((await post(hook, pushOf(), githubHeaders(pushOf()))).status).toBe(202);
  });
});

describe('many pushes at once', () => {
  it('cost a few signals, and the last is sent after the last push', async () => {
    const { post, signals, outside } = await start();
    outside.writeDelay = 20;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => post(hook, pushOf(), githubHeaders(pushOf()))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(signals.length).toBeLessThanOrEqual(5);
    const before = signals.length;
    await post(hook, pushOf(), githubHeaders(pushOf()));
    await eventually(() => signals.length > before);
  });
});

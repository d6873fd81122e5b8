import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@samband/observability';
import {
  githubHeaders,
  pushOf,
  secretText,
  source,
  startWorld,
  type World,
  type WorldOptions,
} from './testing/world.fixture.js';

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});
async function start(options: WorldOptions = {}): Promise<World> {
  world = await startWorld(options);
  return world;
}

describe('the api', () => {
  it('finishes what it has begun when it is told to stop', async () => {
    const { app, post, outside, journaled, signals } = await start();
    outside.temporal = 'down';
    outside.writeDelay = 100;
    let hasArrived = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (hasArrived = resolve));
    app.getHttpServer().once('request', () => {
      hasArrived();
    });
    const answer = post('/webhooks/team1/app', pushOf(), githubHeaders(pushOf()));
    await arrived;
    await app.close();
    expect((await answer).status).toBe(202);
    // For the next one that starts.
    expect([journaled(), signals]).toEqual([['team1/app'], []]);
  });

  it('gives no sender longer than ten seconds, and bounds headers and connections', async () => {
    const server = (await start()).app.getHttpServer();
    expect(server).toMatchObject({ requestTimeout: 10_000, headersTimeout: 10_000, maxConnections: 1024 });
  });

  it('writes no secret, token or signature into its log, whatever happens', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'api',
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    });
    const { post, get, put, outside, url } = await start({ logger });
    put(source('leaky', { url: 'https://bob:hunter2@git.example/x.git' }));
    const headers = githubHeaders(pushOf());
    const authorization = 'Bearer token-of-alice';
    const everything = async (): Promise<void> => {
      await post('/webhooks/team1/app', pushOf(), headers);
      await post('/webhooks/team1/app', pushOf(), { ...headers, 'x-hub-signature-256': 'sha256=0' });
      await get('/api/v1/namespaces/team1/sources/leaky', 'token-of-alice');
      await get('/api/v1/namespaces/team1/sources?token=token-of-alice', 'wrong-token');
      await fetch(`${url}/api/v1/namespaces/team1/sources/app/sync`, {
        method: 'POST',
        headers: { authorization },
      });
    };
    await everything();
    outside.temporal = 'down';
    await everything();
    outside.kubernetes = 'down';
    await everything();
    const log = lines.join('');
    expect(log).toContain('KUBERNETES_UNAVAILABLE');
    expect(log).toContain('"caller":"alice"');
    for (const secret of [
      secretText,
      'hunter2',
      'token-of',
      'wrong-token',
      headers['x-hub-signature-256'] ?? '',
    ]) {
      expect(log).not.toContain(secret);
    }
  });
});

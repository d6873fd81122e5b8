import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rolloutModel, rolloutPageModel } from '../rollouts/rollout.model.js';
import { sourceModel, sourcePageModel, syncModel, type SourcePage } from '../sources/source.model.js';
import { problemModel } from '../support/models.js';
import { rollout, source, startWorld, type World } from '../testing/world.fixture.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.outside.kubernetes = 'up';
});

const alice = 'token-of-alice';
const bob = 'token-of-bob';
const team1 = '/api/v1/namespaces/team1';
const sync = (name: string, token: string) =>
  world.post(`${team1}/sources/${name}/sync`, '', { authorization: `Bearer ${token}` });

const routes: readonly [string, string][] = [
  ['GET', `${team1}/sources`],
  ['GET', `${team1}/sources/app`],
  ['GET', `${team1}/rollouts`],
  ['GET', `${team1}/rollouts/app-6dcb09b5b578-1`],
  ['POST', `${team1}/sources/app/sync`],
];
const call = (method: string, path: string, authorization?: string) =>
  fetch(`${world.url}${path}`, { method, headers: authorization === undefined ? {} : { authorization } });

describe('every route of the API', () => {
  it.each(routes)('%s %s asks for a token that the Kubernetes API accepts', async (method, path) => {
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.';
    const wrong = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer wrong',
      `Bearer ${jwt}`,
      `Basic ${alice}`,
      `Bearer ${alice}, x`,
    ];
    for (const authorization of wrong) {
      const response = await call(method, path, authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it.each(routes)('%s %s refuses a token without a user name', async (method, path) => {
    expect((await call(method, path, 'Bearer token-of-nobody')).status).toBe(401);
  });

  it.each(routes)('%s %s answers alike for what exists and what does not', async (method, path) => {
    const elsewhere = path.replace(/app[^/]*/, 'missing');
    for (const authorization of [undefined, 'Bearer wrong', 'Bearer token-of-carol']) {
      const [here, there] = await Promise.all([
        call(method, path, authorization),
        call(method, elsewhere, authorization),
      ]);
      const strip = async (response: Response) => ({
        ...problemModel.parse(await response.json()),
        correlationId: '',
      });
      expect(await strip(here)).toEqual(await strip(there));
    }
  });

  it.each(routes)('%s %s answers 503 while the Kubernetes API is away', async (method, path) => {
    world.outside.kubernetes = 'down';
    const response = await call(method, path, 'Bearer unseen-token');
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('10.1.2.3');
  });

  it('asks for exactly the right of the route, in its namespace', async () => {
    expect((await world.get(`${team1}/sources/app`, bob)).status).toBe(200);
    expect((await world.get(`${team1}/sources`, bob)).status).toBe(403);
    expect((await sync('app', bob)).status).toBe(403);
    expect((await world.get('/api/v1/namespaces/team2/sources', bob)).status).toBe(200);
    expect((await world.get('/api/v1/namespaces/team2/sources', alice)).status).toBe(403);
  });

  it('refuses names that no object can have, naming the field', async () => {
    for (const path of [
      `${team1}/sources/Not_A_Name`,
      '/api/v1/namespaces/a.b/sources',
      `${team1}/sources/..%2f..%2fx`,
    ]) {
      const response = await world.get(path, alice);
      expect(response.status).toBe(400);
      expect(problemModel.parse(await response.json()).errors).toHaveLength(1);
    }
  });
});

describe('sources', () => {
  it('are shown as our own model, without credentials of the URL and without Kubernetes’ fields', async () => {
    world.put(source('leaky', { url: 'https://bob:hunter2@git.example/x.git' }));
    const response = await world.get(`${team1}/sources/leaky`, alice);
    const text = await response.text();
    expect(sourceModel.strict().parse(JSON.parse(text))).toMatchObject({
      name: 'leaky',
      url: 'https://git.example/x.git',
      branch: 'main',
      provider: 'github',
      intervalSeconds: 300,
      ready: 'Unknown',
    });
    expect(text).not.toContain('hunter2');
    world.objects.delete('samband.dev/GitSource/team1/leaky');
  });

  it('that do not exist are 404, for those who may know', async () => {
    const response = await world.get(`${team1}/sources/missing`, alice);
    expect(response.status).toBe(404);
    expect(problemModel.parse(await response.json())).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('are listed page by page; none is lost or given twice when others come and go', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `paged-${index}`);
    for (const name of names) world.put(source(name));
    const read = async (query: string): Promise<SourcePage> =>
      sourcePageModel.parse(await (await world.get(`${team1}/sources?${query}`, alice)).json());
    const first = await read('limit=3');
    expect(first.items.map(({ name }) => name)).toEqual(['app', 'paged-0', 'paged-1']);
    world.objects.delete('samband.dev/GitSource/team1/paged-1');
    const second = await read(`limit=3&continue=${first.continue ?? ''}`);
    expect(second.items.map(({ name }) => name)).toEqual(['paged-2', 'paged-3', 'paged-4']);
    const third = await read(`limit=3&continue=${second.continue ?? ''}`);
    expect(third).toEqual({
      items: [expect.objectContaining({ name: 'paged-5' }), expect.objectContaining({ name: 'paged-6' })],
    });
    for (const name of names) world.objects.delete(`samband.dev/GitSource/team1/${name}`);
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=1e2',
    'limit=-1',
    'continue=x',
    'continue=bnVsbA',
    'limit=1&limit=2',
  ])('are not listed for the query %s', async (query) => {
    const response = await world.get(`${team1}/sources?${query}`, alice);
    expect(response.status).toBe(400);
    expect(problemModel.parse(await response.json()).errors?.[0]?.path).toBe(query.split('=', 1)[0]);
  });

  it('are told to look at their repository: 202 with the stamp that was written', async () => {
    const before = world.stamps.length;
    const response = await sync('app', alice);
    expect(response.status).toBe(202);
    const { requestedAt } = syncModel.parse(await response.json());
    expect(world.stamps.slice(before)).toEqual([`team1/app ${requestedAt}`]);
    expect((await sync('missing', alice)).status).toBe(404);
  });
});

describe('rollouts', () => {
  it('are listed newest first, of one source when asked', async () => {
    world.put(rollout(3, 'b'.repeat(40), 'other'));
    const read = async (query: string) =>
      rolloutPageModel.parse(await (await world.get(`${team1}/rollouts${query}`, alice)).json());
    expect((await read('')).items.map(({ attempt }) => attempt)).toEqual([3, 2, 1]);
    expect((await read('?source=app')).items.map(({ attempt }) => attempt)).toEqual([2, 1]);
    const page = await read('?limit=1&source=app');
    expect((await read(`?limit=1&source=app&continue=${page.continue ?? ''}`)).items[0]?.attempt).toBe(1);
    expect((await read('?source=nobody')).items).toEqual([]);
  });

  it('are shown with their problems, plan and steps', async () => {
    const object = rollout(4);
    object.status = {
      phase: 'Refused',
      problems: [{ file: 'a.yaml', line: 3, resource: 'Address x', code: 'INVALID', message: '<script>' }],
      problemsOmitted: 2,
      plan: {
        digest: 'd',
        add: 1,
        change: 0,
        remove: 0,
        unchanged: 0,
        entries: [{ action: 'add', resource: 'Address x' }],
      },
      steps: [{ name: 'plan', phase: 'Failed', attempt: 1, startedAt: '2026-01-01T00:00:00Z' }],
    };
    world.put(object);
    const response = await world.get(`${team1}/rollouts/${object.metadata.name}`, alice);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(rolloutModel.strict().parse(await response.json())).toMatchObject({
      phase: 'Refused',
      problemCount: 3,
      entries: [{ action: 'add' }],
      steps: [{ name: 'plan' }],
    });
  });
});

describe('a token', () => {
  it('is reviewed once for a while, whether it is good or not', async () => {
    const before = world.reviews.length;
    for (let index = 0; index < 3; index += 1) await world.get(`${team1}/sources`, alice);
    await world.get(`${team1}/sources`, 'bad-token');
    await world.get(`${team1}/sources`, 'bad-token');
    expect(world.reviews.slice(before).filter((token) => token === alice).length).toBeLessThanOrEqual(1);
    expect(world.reviews.slice(before).filter((token) => token === 'bad-token')).toHaveLength(1);
  });

  it('that is far too long is not even sent on', async () => {
    const before = world.reviews.length;
    expect((await world.get(`${team1}/sources`, 'x'.repeat(10_000))).status).toBe(401);
    expect(world.reviews.length).toBe(before);
  });
});

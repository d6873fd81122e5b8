import { beforeEach, describe, expect, it } from '@jest/globals';
import { ensureSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { space, SpaceWorld, type Worker } from './space.spec-helper.js';

describe('what a worker knows of a broker', () => {
  let world: SpaceWorld;
  let worker: Worker;
  const infra = (): Promise<SpaceInfra> => ensureSpaceInfra(worker.ports, space);
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await worker.bringUp();
  });

  it('is kept while nothing happens', async () => {
    const known = await worker.sessions.open(world.id, await infra());
    expect(await worker.sessions.open(world.id, await infra())).toBe(known);
  });

  it('ends with the certificate that it logged in with', async () => {
    const known = await worker.sessions.open(world.id, await infra());
    const mended = { ...(await infra()), admin: { certificate: 'another', key: 'another' } };
    expect(await worker.sessions.open(world.id, mended)).not.toBe(known);
  });

  it('ends when another worker has worked on it', async () => {
    const known = await worker.sessions.open(world.id, await infra());
    const other = world.worker();
    await other.sessions.open(world.id, await infra());
    expect(await worker.sessions.open(world.id, await infra())).not.toBe(known);
  });
});

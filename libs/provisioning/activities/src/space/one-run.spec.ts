import { beforeEach, describe, expect, it } from '@jest/globals';
import { refOf } from '@samband/resources';
import { aBrokeredInfraConfig, anAddressSpace, anAuthenticationService } from '@samband/testing';
import type { SpaceRun } from '@samband/contract';
import { readiness } from '../rollout/await.js';
import { aRun } from '../world.spec-helper.js';
import { assessSpace } from './assess.js';
import { exportSpace } from './exports.js';
import { probeSpace } from './probe.js';
import { provisionBroker } from './provision.js';
import { publishSpace } from './publish.js';
import { space, SpaceWorld, type Worker } from './space.spec-helper.js';
import { syncAddresses } from './sync-addresses.js';
import { syncUsers } from './sync-users.js';

const counts = { total: 0, ready: 0, changed: 0, removed: 0, parked: 0, retry: false };

describe('the steps of one run', () => {
  let world: SpaceWorld;
  let worker: Worker;
  let of: SpaceRun;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await worker.bringUp();
    of = await run();
  });

  async function run(): Promise<SpaceRun> {
    const assessment = await assessSpace(worker.ports, space);
    if (assessment.kind !== 'provision' || assessment.run === undefined) throw new Error(assessment.kind);
    return assessment.run;
  }
  const steps: Record<string, (given: SpaceRun) => Promise<unknown>> = {
    provisionBroker: (given) => provisionBroker(worker.ports, worker.sessions, space, aRun(), given),
    syncUsers: (given) => syncUsers(worker.ports, worker.sessions, space, aRun(), given),
    syncAddresses: (given) =>
      syncAddresses(worker.ports, worker.sessions, worker.revisions, space, aRun(), given),
    probeSpace: (given) => probeSpace(worker.ports, space, given),
    exportSpace: (given) => exportSpace(worker.ports, space, given),
  };
  const changes: Record<string, () => Promise<unknown>> = {
    'its spec was changed': () => world.edit(refOf(anAddressSpace()), { spec: { endpoints: [] } }),
    'its infra config was changed': () =>
      world.edit(refOf(aBrokeredInfraConfig()), { spec: { broker: { resources: { memory: '1Gi' } } } }),
    'its authentication service was changed': () =>
      world.edit(refOf(anAuthenticationService()), { spec: { type: 'none' } }),
    'it goes': () => world.remove(anAddressSpace()),
  };

  it.each(Object.keys(steps))('work on what the run began with: %s', async (step) => {
    await expect(steps[step]?.(of)).resolves.not.toThrow();
  });

  it.each(
    Object.keys(steps).flatMap((step) => Object.keys(changes).map((change) => [step, change] as const)),
  )('refuse another state: %s when %s', async (step, change) => {
    await changes[change]?.();
    await expect(steps[step]?.(of)).rejects.toMatchObject({ code: 'SPACE_CHANGED' });
  });

  it('publish nothing of a generation that they did not work on, and a rollout goes on waiting for it', async () => {
    await world.edit(refOf(anAddressSpace()), { spec: { endpoints: [] } });
    const { metadata } = await world.space();
    const report = { outcome: 'ready', counts } as const;
    expect(await publishSpace(worker.ports, worker.revisions, space, report, of)).toEqual({
      changedMeanwhile: true,
    });
    const version = { uid: metadata.uid ?? '', generation: metadata.generation ?? 0 };
    expect(readiness(await world.space(), version as never)).toMatchObject({ kind: 'pending' });
    expect((await world.space()).status).toMatchObject({ observedGeneration: 1 });
    await publishSpace(worker.ports, worker.revisions, space, report, await run());
    expect(readiness(await world.space(), version as never)).toEqual({ kind: 'done' });
  });

  it('publish nothing of a space that was made again under its name', async () => {
    await world.memory.store.patch(refOf(anAddressSpace()), { metadata: { finalizers: [] } });
    await world.remove(anAddressSpace());
    await world.add(anAddressSpace());
    const report = { outcome: 'ready', counts } as const;
    await publishSpace(worker.ports, worker.revisions, space, report, of);
    expect((await world.space()).status).toBeUndefined();
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { findCondition, INFRA_NAMESPACE, refOf } from '@samband/resources';
import {
  aBrokeredInfraConfig,
  anAddress,
  anAddressSpace,
  anAddressSpacePlan,
  anAuthenticationService,
  Lifetime,
} from '@samband/testing';
import { aRun, countWrites } from '../world.spec-helper.js';
import { assessSpace } from './assess.js';
import { provisionBroker } from './provision.js';
import { publishSpace } from './publish.js';
import { releaseSpace, removeBroker } from './remove.js';
import { space, SpaceWorld, type Worker } from './space.spec-helper.js';

const counts = { total: 0, ready: 0, changed: 0, removed: 0, parked: 0, retry: false };

describe('an address space', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
  });

  const infraSecret = (
    name: string,
  ): { apiVersion: string; kind: string; namespace: string; name: string } => ({
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: INFRA_NAMESPACE,
    name,
  });
  const condition = async (type: string): Promise<unknown> =>
    findCondition((await world.space()).status?.conditions, type);

  it('gets its finalizer before anything is made for it', async () => {
    expect(await assessSpace(worker.ports, space)).toMatchObject({ kind: 'provision', hostId: 'host-1' });
    expect((await world.space()).metadata.finalizers).toEqual(['samband.dev/address-space']);
    expect(world.infra.ids()).toEqual([]);
  });

  it.each([
    [
      'of type standard',
      () => world.edit(refOf(anAddressSpace()), { spec: { type: 'standard' } }),
      'Unsupported',
    ],
    [
      'of an unknown plan',
      () => world.edit(refOf(anAddressSpace()), { spec: { plan: 'none' } }),
      'UnknownPlan',
    ],
    [
      'whose plan names no infra config that exists',
      () => world.memory.store.delete(refOf(aBrokeredInfraConfig())),
      'PlanFailed',
    ],
    [
      'whose plan is for another type',
      () => world.edit(refOf(anAddressSpacePlan()), { spec: { addressSpaceType: 'standard' } }),
      'PlanNotAllowed',
    ],
    [
      'without an authentication service',
      () => world.memory.store.delete(refOf(anAuthenticationService())),
      'UnknownAuthenticationService',
    ],
  ])('%s is told why it cannot be provisioned', async (_, change, code) => {
    await change();
    expect(await assessSpace(worker.ports, space)).toMatchObject({
      kind: 'blocked',
      failure: { code, retry: 'never' },
    });
  });

  it('whose infrastructure id belongs to another space touches nothing of that', async () => {
    await world.add({
      ...infraSecret(''),
      metadata: {
        namespace: INFRA_NAMESPACE,
        name: `broker-${world.id}`,
        annotations: { addressSpace: 'victim', addressSpaceNamespace: 'other' },
      },
      data: { hostId: 'aG9zdC0x' },
    });
    const victim = {
      id: world.id,
      namespace: 'other',
      space: 'victim',
      heapMiB: 1,
      globalMaxBytes: 1,
    } as never;
    await world.infra.runtime.ensureBroker(victim);
    const secret = await world.get(infraSecret(`broker-${world.id}`));
    expect(await assessSpace(worker.ports, space)).toMatchObject({
      kind: 'blocked',
      failure: { code: 'Conflict' },
    });
    await expect(provisionBroker(worker.ports, worker.sessions, space, aRun())).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await world.remove(anAddressSpace());
    expect(await assessSpace(worker.ports, space)).toEqual({ kind: 'terminating' });
    await expect(removeBroker(worker.ports, worker.sessions, space)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await releaseSpace(worker.ports, space);
    expect(await world.get(infraSecret(`broker-${world.id}`))).toEqual(secret);
    expect(world.infra.ids()).toEqual([world.id]);
    expect(await world.get(refOf(anAddressSpace()))).toBeUndefined();
  });

  it('gets one broker, the same again after a restart of the worker, a new one when its spec changed', async () => {
    const first = await provisionBroker(worker.ports, worker.sessions, space, aRun());
    expect(first.restarted).toBe(true);
    const other = world.worker();
    expect(await provisionBroker(other.ports, other.sessions, space, aRun())).toEqual({
      ...first,
      restarted: false,
    });
    await world.edit(refOf(aBrokeredInfraConfig()), { spec: { broker: { resources: { memory: '1Gi' } } } });
    const changed = await provisionBroker(worker.ports, worker.sessions, space, aRun());
    expect(changed.incarnation).not.toBe(first.incarnation);
  });

  it('is not started where memory does not suffice, but goes on where it runs or ran', async () => {
    world.infra.freeMemoryMiB = 100;
    await expect(provisionBroker(worker.ports, worker.sessions, space, aRun())).rejects.toMatchObject({
      code: 'MEMORY_EXHAUSTED',
      message: expect.stringContaining('100 MiB'),
    });
    world.infra.freeMemoryMiB = 10_000;
    await provisionBroker(worker.ports, worker.sessions, space, aRun());
    world.infra.freeMemoryMiB = 0;
    await expect(provisionBroker(worker.ports, worker.sessions, space, aRun())).resolves.toMatchObject({
      restarted: false,
    });
    world.infra.kill(world.id);
    await expect(provisionBroker(worker.ports, worker.sessions, space, aRun())).resolves.toMatchObject({
      restarted: true,
    });
  });

  it('shows the same certificate until that must be renewed', async () => {
    await provisionBroker(worker.ports, worker.sessions, space, aRun());
    const secret = await world.get(infraSecret(`external-certs-messaging-${world.id}`));
    expect(secret).toBeDefined();
    await provisionBroker(worker.ports, worker.sessions, space, aRun());
    expect(await world.get(infraSecret(`external-certs-messaging-${world.id}`))).toEqual(secret);
  });

  it('ends as if nothing had happened whenever a worker is killed while it is brought up', async () => {
    await world.worker().bringUp();
    const outcome = async (): Promise<object> => ({
      secrets: (await world.memory.store.list({ apiVersion: 'v1', kind: 'Secret' })).items.map(
        ({ metadata }) => metadata.name,
      ),
      ids: world.infra.ids(),
      status: (await world.space()).status,
      finalizers: (await world.space()).metadata.finalizers,
    });
    const undisturbed = await outcome();
    for (let calls = 0; ; calls += 1) {
      world = await new SpaceWorld().withSpace();
      const life = new Lifetime(calls);
      await world
        .worker(life)
        .bringUp()
        .catch(() => undefined);
      await world.worker().bringUp();
      expect(await outcome()).toEqual(undisturbed);
      if (!life.isOver) break;
    }
  });

  it('that is removed leaves nothing behind, whenever a worker is killed', async () => {
    const remove = async ({ ports, sessions }: Worker): Promise<void> => {
      const assessment = await assessSpace(ports, space);
      if (assessment.kind !== 'terminating') return;
      if (assessment.hostId !== undefined) await removeBroker(ports, sessions, space);
      await releaseSpace(ports, space);
    };
    for (let calls = 0; ; calls += 1) {
      world = await new SpaceWorld().withSpace({
        spec: {
          endpoints: [{ name: 'm', service: 'messaging', exports: [{ kind: 'ConfigMap', name: 'config' }] }],
        } as never,
      });
      await world.worker().bringUp();
      await world.remove(anAddressSpace());
      const life = new Lifetime(calls);
      await remove(world.worker(life)).catch(() => undefined);
      await remove(world.worker());
      expect(world.infra.ids()).toEqual([]);
      expect(
        Object.keys(world.memory.desired()).filter((key) => /Secret|AddressSpace\/|ConfigMap/.test(key)),
      ).toEqual([]);
      if (!life.isOver) break;
    }
  });

  it('that was made again under its name is not let go with the old one', async () => {
    await worker.bringUp();
    const before = world.memory.all();
    await releaseSpace(worker.ports, space);
    expect(world.memory.all()).toEqual(before);
  });

  it('does not wait for exports that may neither be deleted nor emptied when it goes', async () => {
    await world.edit(refOf(anAddressSpace()), {
      spec: {
        endpoints: [{ name: 'm', service: 'messaging', exports: [{ kind: 'ConfigMap', name: 'config' }] }],
      },
    });
    await worker.bringUp();
    await world.remove(anAddressSpace());
    world.memory.may = (_, verb) => verb === 'get';
    await releaseSpace(worker.ports, space);
    expect(await world.get(refOf(anAddressSpace()))).toBeUndefined();
  });

  describe('in its status', () => {
    it('says what worked, and is not written again while that is so', async () => {
      await worker.bringUp();
      const { status, metadata } = await world.space();
      expect(status).toMatchObject({
        isReady: true,
        phase: 'Active',
        messages: [],
        observedGeneration: 1,
        endpointStatuses: [{ name: 'messaging', serviceHost: 'localhost' }],
      });
      expect(await condition('Ready')).toMatchObject({ status: 'True' });
      world.wait(1);
      const writes = countWrites(worker.ports);
      await publishSpace(writes.ports, worker.revisions, space, { outcome: 'ready', counts });
      expect(writes.statuses).toBe(0);
      await worker.bringUp();
      expect((await world.space()).metadata.resourceVersion).toBe(metadata.resourceVersion);
    });

    it('says what failed, and Failed only of one that had worked', async () => {
      const failure = { code: 'BROKER_UNAVAILABLE', message: 'x'.repeat(50_000), retry: 'later' } as const;
      const failed = { outcome: 'failed', step: 'addresses', failure } as const;
      await publishSpace(worker.ports, worker.revisions, space, failed);
      expect((await world.space()).status).toMatchObject({ isReady: false, phase: 'Configuring' });
      await worker.bringUp();
      await publishSpace(worker.ports, worker.revisions, space, failed);
      const { status } = await world.space();
      expect(status).toMatchObject({ isReady: false, phase: 'Failed' });
      expect(status?.messages?.[0]).toHaveLength(32_768);
      expect(await condition('Ready')).toMatchObject({ reason: 'BrokerUnavailable' });
      expect(await condition('Reconciling')).toMatchObject({ status: 'True' });
    });

    it('is looked at again when somebody changed the space while it was judged', async () => {
      const ports = world.ports();
      const disturbed = new Proxy(ports.store, {
        get: (target, name): unknown =>
          name !== 'patchStatus'
            ? Reflect.get(target, name)
            : async (...args: Parameters<typeof target.patchStatus>) => {
                await world.edit(refOf(anAddressSpace()), { metadata: { labels: { a: 'b' } } });
                return target.patchStatus(...args);
              },
      });
      const report = { outcome: 'ready', counts } as const;
      expect(await publishSpace({ ...ports, store: disturbed }, worker.revisions, space, report)).toEqual({
        changedMeanwhile: true,
      });
    });

    it('is looked at again when an Address came after the addresses were read', async () => {
      await worker.bringUp();
      const report = { outcome: 'ready', counts } as const;
      const publish = (): ReturnType<typeof publishSpace> =>
        publishSpace(worker.ports, worker.revisions, space, report);
      expect(await publish()).toEqual({ changedMeanwhile: false });
      await world.add(anAddress());
      expect(await publish()).toEqual({ changedMeanwhile: true });
      await worker.syncAddresses();
      // The address's own status, which that wrote, is no change.
      expect(await publish()).toEqual({ changedMeanwhile: false });
    });

    it('is not looked at again for ever by a worker that never reads the space', async () => {
      const other = world.worker();
      await worker.bringUp();
      await world.add(anAddress());
      await worker.syncAddresses();
      const report = { outcome: 'ready', counts } as const;
      expect(await publishSpace(other.ports, other.revisions, space, report)).toEqual({
        changedMeanwhile: false,
      });
    });
  });
});

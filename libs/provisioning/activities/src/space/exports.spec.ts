import { beforeEach, describe, expect, it } from '@jest/globals';
import { SambandError } from '@samband/errors';
import { findCondition, refOf, type AddressSpace, type KubeObject } from '@samband/resources';
import { Lifetime } from '@samband/testing';
import { countWrites } from '../world.spec-helper.js';
import { exportSpace } from './exports.js';
import { SpaceWorld, space, type Worker } from './space.spec-helper.js';

type Kind = 'ConfigMap' | 'Secret' | 'Service';
const controller = 'system:serviceaccount:enmasse-infra:address-space-controller';
const endpoints = (...exports: { kind: Kind; name: string }[]): AddressSpace['spec'] =>
  ({ endpoints: [{ name: 'messaging', service: 'messaging', exports }] }) as never;
const config = { kind: 'ConfigMap', name: 'config' } as const;

describe('the exports of a space', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace({ spec: endpoints(config) });
    worker = world.worker();
    await worker.bringUp();
  });

  const live = (kind: Kind, name: string): Promise<KubeObject | undefined> =>
    world.get({ apiVersion: 'v1', kind, namespace: 'team', name });
  const ask = async (...exports: { kind: Kind; name: string }[]): Promise<unknown> =>
    world.edit(refOf(await world.space()), { spec: endpoints(...exports) });
  const exported = async (): Promise<unknown> => (await world.space()).status?.exports;
  const condition = async (): Promise<unknown> =>
    findCondition((await world.space()).status?.conditions, 'Exported');

  it('hold where the space is, belong to it, and are listed', async () => {
    const object = await live('ConfigMap', 'config');
    expect(object?.['data']).toMatchObject({ 'service.host': 'localhost', 'service.port.amqps': '20001' });
    expect(object?.metadata.ownerReferences).toMatchObject([{ kind: 'AddressSpace', controller: true }]);
    expect(await exported()).toEqual([config]);
    expect(await condition()).toMatchObject({ status: 'True' });
  });

  it('are written as the service account that a team’s Role names, and are not written again', async () => {
    const asked: string[] = [];
    world.memory.may = (user, verb, { kind }) => {
      asked.push(`${user} ${verb} ${kind}`);
      return true;
    };
    await worker.bringUp();
    expect(asked).toEqual([`${controller} get ConfigMap`]);
  });

  it('that may not be written say which Role is missing', async () => {
    await ask(config, { kind: 'Secret', name: 'secret' });
    world.memory.may = (_, verb, { kind }) => kind !== 'Secret' || verb === 'get';
    await expect(exportSpace(worker.ports, space)).rejects.toMatchObject({
      code: 'EXPORT_FORBIDDEN',
      message: `${controller} may not write Secret secret: add a Role in team with the verb create on secrets and get, update, patch on secrets named secret, and a RoleBinding to it`,
    });
  });

  it('are all named at once where several are refused, with whose they are, and are not listed', async () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap' };
    await world.add({ ...map, metadata: { namespace: 'team', name: 'by-hand' }, data: { a: '1' } });
    const owner = {
      apiVersion: 'enmasse.io/v1beta1',
      kind: 'AddressSpace',
      name: 'other',
      uid: 'o',
      controller: true,
    };
    await world.add({ ...map, metadata: { namespace: 'team', name: 'theirs', ownerReferences: [owner] } });
    const labels = { 'samband.dev/source': 'shop' };
    await world.add({ ...map, metadata: { namespace: 'team', name: 'from-git', labels } });
    const named = (name: string) => ({ kind: 'ConfigMap', name }) as const;
    await ask(config, named('by-hand'), named('theirs'), named('from-git'), {
      kind: 'Secret',
      name: 'secret',
    });
    world.memory.may = (_, verb, { kind }) => kind !== 'Secret' || verb === 'get';
    const failure: unknown = await exportSpace(worker.ports, space).catch((error: unknown) => error);
    const { message } = failure as Error;
    for (const part of [
      'by-hand exists and does not belong to this address space; it was written by kubectl-create',
      'theirs exists and belongs to AddressSpace other',
      'from-git exists and belongs to GitSource shop',
      'may not write Secret secret: add a Role',
    ])
      expect(message).toContain(part);
    expect(await exported()).toEqual([config]);
    const writes = countWrites(worker.ports);
    await expect(exportSpace(writes.ports, space)).rejects.toThrow();
    expect(writes.statuses).toBe(0);
  });

  it('are found by whoever watches for hands at work', async () => {
    expect((await live('ConfigMap', 'config'))?.metadata.labels).toEqual({ 'samband.dev/export-of': 'app' });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'config' };
    await world.edit(ref, { metadata: { labels: { 'samband.dev/export-of': null } } });
    await worker.bringUp();
    expect((await live('ConfigMap', 'config'))?.metadata.labels).toEqual({ 'samband.dev/export-of': 'app' });
  });

  it.each([
    'secrets "secret" is forbidden: exceeded quota: small, requested: secrets=1, used: secrets=3, limited: secrets=3',
    'admission webhook "deny.example.com" denied the request: no secrets on Fridays',
  ])('that the cluster refuses for another reason say that reason: %s', async (reason) => {
    await ask(config, { kind: 'Secret', name: 'secret' });
    const { store } = worker.ports;
    const create: typeof store.create = (object, options) =>
      object.kind === 'Secret'
        ? Promise.reject(new SambandError('KUBERNETES_FORBIDDEN', `Secret team/secret: ${reason}`))
        : store.create(object, options);
    await expect(exportSpace({ ...worker.ports, store: { ...store, create } }, space)).rejects.toMatchObject({
      code: 'EXPORT_FORBIDDEN',
      message: `Secret secret was refused by the cluster: Secret team/secret: ${reason}`,
    });
  });

  it('leave an object of somebody else alone', async () => {
    const foreign = await world.add({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'team', name: 'theirs' },
      data: { a: '1' },
    });
    await ask({ kind: 'ConfigMap', name: 'theirs' });
    await expect(exportSpace(worker.ports, space)).rejects.toMatchObject({ code: 'EXPORT_NOT_OURS' });
    expect(await live('ConfigMap', 'theirs')).toEqual(foreign);
    await ask();
    await worker.bringUp();
    expect(await live('ConfigMap', 'theirs')).toEqual(foreign);
  });

  it('are mended, keys that do not belong there included', async () => {
    const before = (await live('ConfigMap', 'config'))?.['data'];
    await world.edit(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'config' },
      { data: { 'service.host': 'elsewhere', surplus: 'x' } },
    );
    await worker.bringUp();
    expect((await live('ConfigMap', 'config'))?.['data']).toEqual(before);
  });

  it('of kind Secret and Service hold the same in their own way', async () => {
    await ask({ kind: 'Secret', name: 'secret' }, { kind: 'Service', name: 'service' });
    await worker.bringUp();
    expect((await live('Secret', 'secret'))?.['data']).toMatchObject({
      'service.host': Buffer.from('localhost').toString('base64'),
    });
    expect((await live('Service', 'service'))?.['spec']).toMatchObject({
      type: 'ExternalName',
      externalName: 'localhost',
      ports: [
        { name: 'amqp', port: 20_000 },
        { name: 'amqps', port: 20_001 },
      ],
    });
    expect(await live('ConfigMap', 'config')).toBeUndefined();
  });

  it.each(['ConfigMap', 'Secret', 'Service'] as const)(
    'of kind %s that are withdrawn without the right to delete are emptied, and a condition says so',
    async (kind) => {
      await ask({ kind, name: 'left' });
      await worker.bringUp();
      world.memory.may = (_, verb) => verb !== 'delete';
      await ask();
      await worker.bringUp();
      const object = await live(kind, 'left');
      expect(object?.['data']).toBeUndefined();
      if (kind === 'Service') {
        expect(object?.['spec']).toMatchObject({ type: 'ClusterIP', clusterIP: 'None' });
        expect(object?.['spec']).not.toHaveProperty('ports');
      }
      expect(await condition()).toMatchObject({
        status: 'False',
        reason: 'ExportEmptied',
        message: expect.stringContaining(`${kind} left`),
      });
      await worker.bringUp();
      expect(world.events.filter((event) => event.includes('ExportEmptied'))).toHaveLength(1);
      world.memory.may = () => true;
      await worker.bringUp();
      expect(await live(kind, 'left')).toBeUndefined();
      expect(await condition()).toMatchObject({ status: 'True' });
    },
  );

  it('that were emptied are filled again when they are asked for again', async () => {
    await ask({ kind: 'Service', name: 'again' });
    await worker.bringUp();
    const before = (await live('Service', 'again'))?.['spec'] as object;
    world.memory.may = (_, verb) => verb !== 'delete';
    await ask();
    await worker.bringUp();
    await ask({ kind: 'Service', name: 'again' });
    await worker.bringUp();
    expect((await live('Service', 'again'))?.['spec']).toMatchObject(before);
    expect(await condition()).toMatchObject({ status: 'True' });
  });

  it('asked for twice are written once', async () => {
    await ask(config, config);
    await worker.bringUp();
    expect(await exported()).toEqual([config]);
  });

  it('that were made by a worker that was killed are withdrawn all the same', async () => {
    for (let calls = 0; calls < 12; calls += 1) {
      await ask({ kind: 'ConfigMap', name: 'short' });
      await exportSpace(world.ports(new Lifetime(calls)), space).catch(() => undefined);
      await ask();
      await worker.bringUp();
      expect(await live('ConfigMap', 'short')).toBeUndefined();
      expect(await exported()).toEqual([]);
    }
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { findCondition, refOf, type KubeObject, type MessagingUser } from '@samband/resources';
import {
  aMessagingUser,
  anAddress,
  anAddressSpace,
  anAddressSpacePlan,
  anAuthenticationService,
} from '@samband/testing';
import type { Failure } from '@samband/contract';
import { aRun } from '../world.spec-helper.js';
import { admittedDigest } from './publish-users.js';
import { SpaceWorld, type Worker } from './space.spec-helper.js';
import { usersOf } from './users.js';
import { space } from './space.spec-helper.js';
import { revokeUsers } from './revoke-users.js';

const bob = aMessagingUser();
const eve = aMessagingUser({
  spec: { username: 'eve', authorization: [{ operations: ['send', 'recv'], addresses: ['*'] }] },
});
const blocked: Failure = {
  code: 'UnknownPlan',
  message: 'address space plan gone does not exist',
  retry: 'never',
};
const passwordOf = (user: MessagingUser, password: string): Promise<unknown> =>
  world.edit(refOf(user), { spec: { authentication: { password } } });
let world: SpaceWorld;

describe('users of a space that cannot be provisioned', () => {
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(anAddress());
    await world.add(bob);
    await world.add(eve);
    await worker.bringUp();
    await world.remove(anAddressSpacePlan());
    world.broker.connected.add('bob').add('eve');
  });

  const logins = (): string[] =>
    (JSON.parse(world.infra.files(world.id)['users'] ?? '[]') as [string, string][]).map(([name]) => name);
  const ready = async (user: MessagingUser): Promise<unknown> =>
    findCondition((await world.statusOf(user))?.conditions, 'Ready');
  const mayReceive = (name: string): boolean =>
    world.broker.permissions().some(({ consume }) => consume.includes(name));
  const word = async (): Promise<unknown> => (await world.space()).status?.users;

  it('that are gone are refused and disconnected, and the space says so', async () => {
    await world.remove(bob);
    expect(await worker.revokeUsers(blocked)).toEqual({ revoked: 1 });
    expect(logins()).toEqual(['$probe', 'eve']);
    expect(world.broker.closed).toEqual(['bob']);
    expect(await word()).toEqual({
      declared: 1,
      ready: 1,
      admitted: admittedDigest(worker.ports, usersOf(worker.ports, space)),
    });
  });

  it('that have another password are refused with the old one, get no new one, and say why', async () => {
    await passwordOf(bob, 'bmV3');
    await worker.revokeUsers(blocked);
    expect(logins()).toEqual(['$probe', 'eve']);
    expect(world.broker.closed).toEqual(['bob']);
    expect(await world.statusOf(bob)).toMatchObject({ observedGeneration: 2 });
    expect(await ready(bob)).toMatchObject({
      status: 'False',
      reason: 'UnknownPlan',
      message: expect.stringContaining(blocked.message),
    });
    expect(await ready(eve)).toMatchObject({ status: 'True' });
  });

  it('that lost a right have it no longer, and are Ready: all that they ask for is so', async () => {
    await world.edit(refOf(eve), { spec: { authorization: [{ operations: ['send'], addresses: ['*'] }] } });
    await worker.revokeUsers(blocked);
    expect(mayReceive('eve')).toBe(false);
    expect(world.broker.closed).toEqual(['eve']);
    expect(await world.statusOf(eve)).toMatchObject({ observedGeneration: 2 });
    expect(await ready(eve)).toMatchObject({ status: 'True' });
  });

  it('get no right, keep those that they have, and say why', async () => {
    await world.edit(refOf(bob), {
      spec: { authorization: [{ operations: ['send', 'recv', 'manage'], addresses: ['*'] }] },
    });
    const before = world.broker.permissions();
    await worker.revokeUsers(blocked);
    expect(world.broker.permissions()).toEqual(before);
    expect(world.broker.closed).toEqual([]);
    expect(await ready(bob)).toMatchObject({ status: 'False', reason: 'UnknownPlan' });
  });

  it('that are new get no login, and say why', async () => {
    const carol = aMessagingUser({ spec: { username: 'carol' } });
    await world.add(carol);
    await worker.revokeUsers(blocked);
    expect(logins()).toEqual(['$probe', 'bob', 'eve']);
    expect(await ready(carol)).toMatchObject({ status: 'False', reason: 'UnknownPlan' });
  });

  it('that come again under the name of one that went get neither its login nor its rights', async () => {
    await world.remove(bob);
    await worker.revokeUsers(blocked);
    await world.add(bob);
    await worker.revokeUsers(blocked);
    expect(logins()).toEqual(['$probe', 'eve']);
  });

  it.each([
    ['the authentication service is gone', () => world.remove(anAuthenticationService())],
    ['the space goes', () => world.remove(anAddressSpace())],
    [
      'the type is one that is not served',
      () => world.edit(refOf(anAddressSpace()), { spec: { type: 'standard' } }),
    ],
  ])('are revoked also by a worker that is new while %s', async (_, spoil) => {
    await spoil();
    await world.remove(bob);
    await world.edit(refOf(eve), { spec: { authorization: [] } });
    await world.worker().revokeUsers(blocked);
    expect(logins()).toEqual(['$probe', 'eve']);
    expect(mayReceive('eve')).toBe(false);
    expect(world.broker.closed).toEqual(['bob', 'eve']);
  });

  it('of a broker that does not run are taken from its files, and their rights once it runs', async () => {
    world.infra.kill(world.id);
    await world.remove(bob);
    await world.edit(refOf(eve), { spec: { authorization: [] } });
    await worker.revokeUsers(blocked);
    expect(logins()).toEqual(['$probe', 'eve']);
    await world.add(anAddressSpacePlan());
    await worker.bringUp();
    expect(mayReceive('eve')).toBe(false);
  });

  it('of a broker that was away are disconnected by the next look', async () => {
    await world.remove(bob);
    world.broker.isAway = true;
    await expect(worker.revokeUsers(blocked)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(logins()).toEqual(['$probe', 'eve']);
    world.broker.isAway = false;
    await worker.revokeUsers(blocked);
    expect(world.broker.calls).toContain('forget logins');
    expect(world.broker.closed).toEqual(['bob']);
  });

  it('cost the broker nothing when nothing changed', async () => {
    const asked = world.broker.calls.length;
    expect(await worker.revokeUsers()).toEqual({ revoked: 0 });
    expect(world.broker.calls).toHaveLength(asked);
  });

  it('are refused before any Secret is read', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'team', name: 'login' } };
    await world.add({ ...secret, stringData: { password: 'pw' } });
    await world.add(
      aMessagingUser({
        spec: {
          username: 'carol',
          authentication: { type: 'password', passwordSecretRef: { name: 'login' } },
        },
      } as never),
    );
    await world.remove(bob);
    const { store } = worker.ports;
    const away: typeof store.get = (ref, options) =>
      ref.name === 'login' ? Promise.reject(new Error('away')) : store.get(ref, options);
    const ports = { ...worker.ports, store: { ...store, get: away } };
    await expect(revokeUsers(ports, worker.sessions, space, aRun(), blocked)).rejects.toThrow('away');
    expect(logins()).toEqual(['$probe', 'eve']);
    expect(world.broker.closed).toEqual(['bob']);
  });

  it('are given back nothing by a step that began before they lost it', async () => {
    await world.add(anAddressSpacePlan());
    const carol = aMessagingUser({ spec: { username: 'carol' } });
    await world.add(carol);
    const { brokers } = worker.ports;
    const makeVerifier: typeof brokers.makeVerifier = async (...of) => {
      // While a password is made ready, somebody else goes.
      if (of[1] === 'carol' && logins().includes('bob')) {
        await world.remove(bob);
        await worker.revokeUsers();
      }
      return brokers.makeVerifier(...of);
    };
    const { syncUsers } = await import('./sync-users.js');
    await syncUsers(
      { ...worker.ports, brokers: { ...brokers, makeVerifier } },
      worker.sessions,
      space,
      aRun(),
    );
    expect(logins()).toEqual(['$probe', 'carol', 'eve']);
    expect(world.broker.closed).toEqual(['bob']);
  });

  it('with passwords in many Secrets are looked at by one list, and no Secret is read twice', async () => {
    await world.add(anAddressSpacePlan());
    for (let index = 0; index < 40; index += 1)
      await world.add(
        aMessagingUser({ spec: { username: `u${index}`, authentication: { type: 'password' } } }),
      );
    await worker.syncUsers();
    await worker.syncUsers();
    const read: string[] = [];
    const { store } = worker.ports;
    const get: typeof store.get = (ref, options) => {
      if (ref.name.endsWith('-credentials')) read.push(ref.name);
      return store.get(ref, options);
    };
    const ports = { ...worker.ports, store: { ...store, get } };
    await revokeUsers(ports, worker.sessions, space, aRun());
    expect(read).toEqual([]);
    const changed: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'team', name: 'app.u7-credentials' },
    };
    await world.edit(refOf(changed), { data: { password: 'bmV3' } });
    await revokeUsers(ports, worker.sessions, space, aRun());
    expect(read).toEqual(['app.u7-credentials']);
    expect(logins()).not.toContain('u7');
  });
});

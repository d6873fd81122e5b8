import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParkedAddress } from '@samband/resources';
import { eventually } from '@samband/testing';
import {
  address,
  conditionOf,
  connect,
  findLeaks,
  inline,
  offerPlans,
  patience,
  space,
  Stage,
  statusOf,
  user,
  type Client,
} from '@samband/driver';

const namespace = 'hand-made';
let stage: Stage;
let client: Client;
let password: string;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  await stage.kube.kubectl(['create', 'namespace', namespace]);
  password = stage.secret('password of app');
});

afterAll(async () => {
  await stage.end();
});

async function apply(...manifests: readonly string[]): Promise<void> {
  await stage.kube.kubectl(['apply', '-n', namespace, '-f', '-'], manifests.join('---\n'));
}

function remove(...what: readonly string[]): Promise<string> {
  return stage.kube.kubectl(['delete', '-n', namespace, '--timeout=60s', ...what]);
}

/** Where the space is, from its status: nothing is exported here. */
async function connectTo(name: string): Promise<Client> {
  const status = statusOf(await stage.kube.need('AddressSpace', namespace, name));
  const [endpoint] = status['endpointStatuses'] as {
    serviceHost: string;
    servicePorts: { name: string; port: number }[];
  }[];
  return connect(
    {
      host: endpoint?.serviceHost ?? '',
      port: endpoint?.servicePorts.find((port) => port.name === 'amqps')?.port ?? 0,
      ca: Buffer.from(String(status['caCert']), 'base64').toString(),
    },
    { username: 'app', password },
  );
}

describe('kubectl alone', () => {
  it('makes a space, an address and a user that work', async () => {
    // In the wrong order: what an object lacks may come.
    await apply(user('hand', 'app', inline(password)), address('hand', 'orders'));
    expect(await stage.kube.notReady('Address', namespace, 'hand.orders', 'UnknownAddressSpace')).toContain(
      'hand',
    );
    await apply(space('hand', { exports: [] }));
    await stage.kube.kubectl([
      ...['wait', '-n', namespace, '--for=condition=Ready', '--timeout=60s', '--all'],
      'addressspaces,addresses,messagingusers',
    ]);
    client = await eventually(() => connectTo('hand'), patience);
    await client.send('orders', 'by hand');
    expect(await client.receive('orders')).toEqual(['by hand']);
  });

  it.each([
    ['spec.address', { spec: { address: 'other' } }, 'spec.address cannot be changed'],
    ['spec.type', { spec: { type: 'topic' } }, 'type of an address cannot be changed'],
  ])('is told at once that %s cannot be changed', async (_field, patch, message) => {
    await expect(
      stage.kube.kubectl([
        ...['patch', 'address', 'hand.orders', '-n', namespace, '--type=merge'],
        ...['-p', JSON.stringify(patch)],
      ]),
    ).rejects.toThrow(message);
  });

  it('learns which plan does not exist', async () => {
    await apply(space('planless', { plan: 'no-such-plan', exports: [] }));
    expect(await stage.kube.notReady('AddressSpace', namespace, 'planless', 'UnknownPlan')).toContain(
      'no-such-plan',
    );
    await remove('addressspace/planless');
  });

  it('learns which address exceeds the quota; it comes when there is room', async () => {
    await apply(
      space('tight', { plan: 'cramped', exports: [] }),
      ...['a', 'b'].map((name) => address('tight', name, { plan: 'tiny-half' })),
    );
    await stage.kube.ready('Address', namespace, 'tight.a');
    await stage.kube.ready('Address', namespace, 'tight.b');
    await apply(address('tight', 'c', { plan: 'tiny-half' }));
    const message = await stage.kube.notReady('Address', namespace, 'tight.c', 'QuotaExceeded');
    expect(message).toContain('use 1.5 broker credits, plan cramped allows 1');
    await stage.kube.ready('Address', namespace, 'tight.a');
    await remove('address/tight.a');
    await stage.kube.ready('Address', namespace, 'tight.c');
  });

  it('parks the messages of an address that is deleted, and gets them back with it', async () => {
    await client.send('orders', 'one', 'two');
    await remove('address/hand.orders');
    const parked = await eventually(async () => {
      const status = statusOf(await stage.kube.need('AddressSpace', namespace, 'hand'));
      const list = (status['parkedAddresses'] ?? []) as ParkedAddress[];
      return list.length > 0 && list;
    }, patience);
    expect(parked).toEqual([expect.objectContaining({ address: 'orders', messages: 2 })]);
    for (const attempt of [client.trySend('orders'), client.tryReceive('orders')])
      expect(await attempt).not.toBe('allowed');
    await apply(address('hand', 'orders'));
    await stage.kube.ready('Address', namespace, 'hand.orders');
    await eventually(async () => (await client.tryReceive('orders')) === 'allowed', patience);
    expect(await client.receive('orders', 2)).toEqual(['one', 'two']);
  });

  it('sees in the status how many addresses there are', async () => {
    const tight = await stage.kube.need('AddressSpace', namespace, 'tight');
    expect(conditionOf(tight, 'Ready').status).toBe('True');
    expect(statusOf(tight)['addresses']).toMatchObject({ declared: 2, ready: 2, parked: 0 });
  });
});

describe('deleting an address space', () => {
  it('removes its broker and its Secrets, and ends', async () => {
    const [brokers, secrets] = [stage.brokerPids().length, await stage.infraSecrets()];
    await remove('addressspace/tight');
    expect(stage.brokerPids()).toHaveLength(brokers - 1);
    expect((await stage.infraSecrets()).length).toBeLessThan(secrets.length);
    await stage.kube.notReady('Address', namespace, 'tight.b', 'UnknownAddressSpace');
  });

  it('ends with its namespace, too', async () => {
    await stage.kube.kubectl(['delete', 'namespace', namespace, '--timeout=80s']);
    await stage.kube.gone('Namespace', undefined, namespace);
    await eventually(() => stage.brokerPids().length === 0, patience);
    expect(await stage.infraSecrets()).toEqual([]);
    expect(client.isOpen()).toBe(false);
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});

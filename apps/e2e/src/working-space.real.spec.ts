import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import type { Rollout } from '@samband/resources';
import {
  address,
  configMap,
  exportRole,
  findLeaks,
  inline,
  operators,
  patience,
  serviceAccountUser,
  space,
  Stage,
  statusOf,
  user,
  type Client,
  type Team,
} from '@samband/driver';

const namespace = 'shop-team';
let stage: Stage;
let team: Team;
let rollout: Rollout;
let password: string;

beforeAll(async () => {
  stage = await Stage.open();
  await operators(stage);
  team = await stage.team(namespace);
});

afterAll(async () => {
  await stage.end();
});

async function withClient<T>(
  use: (client: Client) => Promise<T>,
  login = { username: 'app', password },
): Promise<T> {
  const client = await team.connect(login);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe('a push by signed webhook', () => {
  beforeAll(async () => {
    password = stage.secret('inline password of app', 'søt hemmelighet');
    rollout = await team.succeed(
      {
        'space.yaml': space('shop', { exports: [`ConfigMap/${configMap}`, 'Secret/messaging-secret'] }),
        'exports.yaml': `${exportRole()}---\n${exportRole('messaging-secret', 'secrets')}`,
        'addresses/orders.yaml': address('shop', 'orders', {
          deadletter: 'undeliverable',
          messageRedelivery: { maximumDeliveryAttempts: 2 },
        }),
        'addresses/fleeting.yaml': address('shop', 'fleeting', {
          plan: 'tiny-short-queue',
          expiry: 'undeliverable',
          messageTtl: { maximum: 200 },
        }),
        'addresses/undeliverable.yaml': address('shop', 'undeliverable', { type: 'deadletter' }),
        'addresses/letters.yaml': address('shop', 'letters'),
        'addresses/prices.yaml': address('shop', 'prices', { type: 'topic' }),
        'addresses/audit.yaml': address('shop', 'audit', { type: 'subscription', topic: 'prices' }),
        'users/app.yaml': user('shop', 'app', inline(password)),
        'users/robot.yaml': serviceAccountUser('shop', 'robot', `system:serviceaccount:${namespace}:robot`, [
          [['send', 'recv'], ['orders']],
        ]),
      },
      'Order messaging for the shop',
    );
  });

  it('brings up a working space and tells how, step by step', async () => {
    const { status, metadata, spec } = rollout;
    expect(metadata.name).toBe(`app-${spec.commit.slice(0, 12)}-1`);
    expect(metadata.labels).toMatchObject({ 'samband.dev/source': 'app', 'samband.dev/commit': spec.commit });
    expect(status?.steps?.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
      'checkout Succeeded',
      'plan Succeeded',
      'apply Succeeded',
      'wait Succeeded',
      'probe Succeeded',
      'commit Succeeded',
      'prune Succeeded',
    ]);
    expect(status).toMatchObject({
      author: expect.stringContaining('Ada'),
      subject: 'Order messaging for the shop',
      plan: { add: 13, change: 0, remove: 0, unchanged: 0 },
    });
    expect(status?.plan?.entries).toContainEqual({
      action: 'add',
      resource: `Address ${namespace}/shop.orders`,
      file: 'addresses/orders.yaml',
      line: expect.any(Number),
    });
    const timeline = await stage.timeline(`rollout/${namespace}/${metadata.name}`);
    expect(timeline.map(({ step }) => step)).toEqual(expect.arrayContaining(['apply', 'wait', 'commit']));
  });

  it('leaves every object Ready at its generation, so that kubectl wait returns', async () => {
    const { kube } = stage;
    for (const [kind, name] of [
      ['AddressSpace', 'shop'],
      ['Address', 'shop.orders'],
      ['Address', 'shop.audit'],
      ['MessagingUser', 'shop.app'],
      ['GitSource', 'app'],
    ] as const)
      await kube.ready(kind, namespace, name);
    await kube.kubectl([
      ...['wait', '--for=condition=Ready', '--timeout=5s', '-n', namespace, '--all'],
      'addressspaces,addresses,messagingusers',
    ]);
    expect(await kube.kubectl(['get', 'addressspace', 'shop', '-n', namespace, '-o', 'wide'])).toMatch(
      /shop +brokered +tiny +true +Active/,
    );
  });

  it('says which values are in force', async () => {
    const fleeting = await stage.kube.need('Address', namespace, 'shop.fleeting');
    expect(statusOf(fleeting)).toMatchObject({
      isReady: true,
      phase: 'Active',
      planStatus: { name: 'tiny-short-queue', partitions: 1, resources: { broker: 0.001 } },
      messageTtl: { maximum: 200 },
      messageRedelivery: { maximumDeliveryAttempts: 7 },
    });
    const orders = await stage.kube.need('Address', namespace, 'shop.orders');
    expect(statusOf(orders)).toMatchObject({ messageRedelivery: { maximumDeliveryAttempts: 2 } });
  });

  it('exports host, ports and CA under the keys of EnMasse, to a ConfigMap and to a Secret', async () => {
    const exported = (await stage.kube.need('ConfigMap', namespace, configMap))['data'];
    expect(exported).toEqual({
      'service.host': 'localhost',
      'service.port.amqp': expect.stringMatching(/^\d+$/),
      'service.port.amqps': expect.stringMatching(/^\d+$/),
      'ca.crt': expect.stringContaining('BEGIN CERTIFICATE'),
    });
    expect(await stage.kube.secret(namespace, 'messaging-secret')).toEqual(exported);
    const shop = await stage.kube.need('AddressSpace', namespace, 'shop');
    expect(Buffer.from(String(statusOf(shop)['caCert']), 'base64').toString()).toBe(
      (exported as Record<string, string>)['ca.crt'],
    );
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    'carries messages for who logs in with %s over TLS',
    async (mechanism) => {
      const client = await team.connect({ username: 'app', password, mechanism });
      await client.send('orders', mechanism);
      expect(await client.receive('orders')).toEqual([mechanism]);
      await client.close();
    },
  );

  it.each(['PLAIN', 'SCRAM-SHA-256'] as const)('refuses a wrong password over %s', async (mechanism) => {
    await expect(team.connect({ username: 'app', password: 'guessed', mechanism })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it.each(['@@serviceaccount@@', `system:serviceaccount:${namespace}:robot`])(
    'takes the token of a service account as password of %s',
    async (username) => {
      const robot = await team.connect({ username, password: await stage.token(namespace, 'robot') });
      await robot.send('orders', 'by robot');
      expect(await robot.receive('orders')).toEqual(['by robot']);
      expect(await robot.trySend('prices')).toBe('FORBIDDEN');
      await robot.close();
    },
  );

  it('delivers to the subscriptions of a topic, known as topic::subscription', async () => {
    await withClient(async (client) => {
      await client.send('prices', '7.50');
      expect(await client.receive('prices::audit')).toEqual(['7.50']);
    });
  });

  it('gives up on a message after as many deliveries as the address says', async () => {
    await withClient(async (client) => {
      await client.send('orders', 'poison');
      expect(await client.fail('orders', 2)).toEqual(['poison', 'poison']);
      expect(await client.receive('undeliverable')).toEqual(['poison']);
    });
  });

  it('moves a message whose time is over to the expiry address', async () => {
    await withClient(async (client) => {
      await client.send('fleeting', 'late');
      const late = await eventually(() => client.receive('undeliverable'), patience);
      expect(late).toEqual(['late']);
    });
  });
});

describe('a message that is rejected', () => {
  it('is still in its queue, or at its dead letter address where there is one', async () => {
    await withClient(async (client) => {
      await client.send('letters', 'torn');
      expect(await client.reject('letters')).toEqual(['torn']);
      expect(await client.fail('letters', 3)).toEqual(['torn', 'torn', 'torn']);
      expect(await client.receive('letters')).toEqual(['torn']);
      await client.send('orders', 'illegible');
      expect(await client.reject('orders')).toEqual(['illegible']);
      expect(await client.receive('undeliverable')).toEqual(['illegible']);
    });
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});

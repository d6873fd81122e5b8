import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INFRA_NAMESPACE } from '@samband/resources';
import {
  address,
  connect,
  expectPhase,
  exportRole,
  findLeaks,
  inline,
  offerPlans,
  refTo,
  serviceAccountUser,
  space,
  Stage,
  user,
  type Team,
} from '@samband/driver';

let stage: Stage;
let red: Team;
let blue: Team;
const passwords: Record<string, string> = {};

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  [red, blue] = await Promise.all([stage.team('red-team'), stage.team('blue-team')]);
  await Promise.all(
    [red, blue].map((team) => {
      const password = stage.secret(`password of ${team.namespace}`);
      passwords[team.namespace] = password;
      return team.succeed({
        'space.yaml': space('desk'),
        'exports.yaml': exportRole(),
        'queue.yaml': address('desk', 'orders'),
        'app.yaml': user('desk', 'app', inline(password)),
        'robot.yaml': serviceAccountUser('desk', 'robot', `system:serviceaccount:${team.namespace}:robot`, [
          [['send', 'recv'], ['*']],
        ]),
      });
    }),
  );
});

afterAll(async () => {
  await stage.end();
});

function inNamespace(namespace: string, manifest: string): string {
  return manifest.replace('"metadata": {', `"metadata": {\n    "namespace": "${namespace}",`);
}

describe('a team', () => {
  it('changes nothing in the namespace of another, and is told which right it lacks', async () => {
    const rollout = await red.rollOut({
      'theirs.yaml': inNamespace(blue.namespace, address('desk', 'mine-now')),
      // It is there, which the answer must not tell.
      'there.yaml': inNamespace(blue.namespace, address('desk', 'orders')),
      'plan.yaml': inNamespace(
        INFRA_NAMESPACE,
        JSON.stringify(
          {
            apiVersion: 'admin.enmasse.io/v1beta2',
            kind: 'AddressPlan',
            metadata: { name: 'free-for-all' },
            spec: { addressType: 'queue', resources: { broker: 0 } },
          },
          undefined,
          2,
        ),
      ),
    });
    expectPhase(rollout, 'Refused');
    expect(rollout.status?.problems).toEqual([
      expect.objectContaining({
        file: 'plan.yaml',
        line: 1,
        resource: `AddressPlan ${INFRA_NAMESPACE}/free-for-all`,
        code: 'FORBIDDEN',
        message: expect.stringContaining('system:serviceaccount:red-team:app may not'),
      }),
      expect.objectContaining({
        file: 'theirs.yaml',
        line: 1,
        resource: 'Address blue-team/desk.mine-now',
        code: 'FORBIDDEN',
        message: expect.stringContaining('system:serviceaccount:red-team:app may not'),
      }),
      expect.objectContaining({
        file: 'there.yaml',
        line: 1,
        resource: 'Address blue-team/desk.orders',
        code: 'FORBIDDEN',
        message: expect.stringContaining('system:serviceaccount:red-team:app may not'),
      }),
    ]);
    expect(rollout.status?.plan).toMatchObject({ add: 3, change: 0 });
    expect(await stage.kube.get('Address', blue.namespace, 'desk.mine-now')).toBeUndefined();
    await red.succeed({ 'theirs.yaml': undefined, 'there.yaml': undefined, 'plan.yaml': undefined });
  });

  it('does not read what the infrastructure or another team keeps secret', async () => {
    const [infra = ''] = await stage.infraSecrets();
    for (const [namespace, name] of [
      [INFRA_NAMESPACE, infra],
      [blue.namespace, 'app-webhook'],
    ] as const) {
      const as = `system:serviceaccount:${red.namespace}:${red.source}`;
      await expect(stage.kube.store.get(refTo('Secret', namespace, name), { as })).rejects.toMatchObject({
        code: 'KUBERNETES_FORBIDDEN',
      });
    }
  });

  it('does not log in to the broker of another', async () => {
    const login = { username: 'app', password: passwords[red.namespace] ?? '' };
    await expect(blue.connect(login)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await (await red.connect(login)).close();
  });

  it('does not trust the broker of another by its own certificate authority', async () => {
    const [mine, theirs] = [await red.endpoint(), await blue.endpoint()];
    const login = { username: 'app', password: passwords[blue.namespace] ?? '' };
    await expect(connect({ ...theirs, ca: mine.ca }, login)).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
  });

  it.each(['@@serviceaccount@@', 'system:serviceaccount:blue-team:robot', 'app'])(
    'reaches no address of another with a token of its own, whatever name (%s) it gives',
    async (username) => {
      const password = await stage.token(red.namespace, 'robot');
      const reach = async (): Promise<string> => {
        const client = await blue.connect({ username, password });
        try {
          return `${await client.trySend('orders')} ${await client.tryReceive('orders')}`;
        } finally {
          await client.close();
        }
      };
      const outcome = await reach().catch((error: unknown) => (error as { code?: unknown }).code);
      expect(['UNAUTHENTICATED', 'FORBIDDEN FORBIDDEN']).toContain(outcome);
    },
  );

  it('is told when another source declares the same object, and gets it when that one lets go', async () => {
    const second = await stage.team(red.namespace, { source: 'second' });
    const rollout = await second.rollOut({ 'mine-too.yaml': address('desk', 'orders') });
    expectPhase(rollout, 'Refused');
    expect(rollout.status?.problems).toEqual([
      expect.objectContaining({
        file: 'mine-too.yaml',
        line: 1,
        resource: 'Address red-team/desk.orders',
        code: 'OBJECT_CLAIMED',
        message: expect.stringContaining('GitSource red-team/app'),
      }),
    ]);
    const client = await red.connect({ username: 'app', password: passwords[red.namespace] ?? '' });
    await client.send('orders', 'kept');
    // Without pruning a source leaves its objects where they are.
    await stage.kube.store.patch(refTo('GitSource', red.namespace, 'app'), { spec: { prune: false } });
    await stage.kube.delete('GitSource', red.namespace, 'app');
    await stage.kube.gone('GitSource', red.namespace, 'app');
    await second.requestSync('now');
    expectPhase(await second.ended(rollout.spec.commit, 2), 'Succeeded');
    expect(await client.receive('orders')).toEqual(['kept']);
    await client.close();
  });

  it('takes its objects with it when its source is deleted, messages excepted', async () => {
    const client = await blue.connect({ username: 'app', password: passwords[blue.namespace] ?? '' });
    await client.close();
    await stage.kube.delete('GitSource', blue.namespace, 'app');
    await stage.kube.gone('GitSource', blue.namespace, 'app');
    await stage.kube.gone('AddressSpace', blue.namespace, 'desk');
    await stage.kube.gone('MessagingUser', blue.namespace, 'desk.app');
    expect(await stage.kube.list('Rollout', blue.namespace)).not.toEqual([]);
  });
});

describe('a webhook that is not signed with the secret', () => {
  it('is refused, and looks the same for a source that does not exist', async () => {
    const post = async (source: string): Promise<string> => {
      const response = await fetch(`${stage.stack.env.SAMBAND_API}/webhooks/red-team/${source}`, {
        method: 'POST',
        body: '{"ref":"refs/heads/main"}',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
        },
      });
      const problem = (await response.json()) as Record<string, unknown>;
      expect(problem['correlationId']).toBeDefined();
      return `${response.status} ${JSON.stringify({ ...problem, correlationId: '' })}`;
    };
    const known = await post('second');
    expect(known).toMatch(/^401 /);
    expect(await post('absent')).toBe(known);
  });
});

describe('every process of the stack', () => {
  it('listens for this machine only', () => {
    const parts = stage.stack.parts().flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    const brokers = stage.brokerPids();
    const heard = listening([...parts, ...brokers]);
    // An api, a control plane, an engine, and a broker at the least: else the search itself is at fault.
    expect(brokers.length).toBeGreaterThan(0);
    expect(heard.length).toBeGreaterThan(10);
    expect(heard.filter((address) => !isLoopback(address))).toEqual([]);
  });
});

/** Addresses of the sockets that these processes listen at, in hexadecimal as Linux shows them. */
function listening(pids: readonly number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
        } catch {
          return ''; // Closed meanwhile.
        }
      }),
    ),
  );
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(`socket:[${inode ?? ''}]`))
      .map(([, local = '']) => local.split(':')[0] ?? ''),
  );
}

/** 127.0.0.0/8, the same as IPv6 writes it, or ::1. */
function isLoopback(address: string): boolean {
  return /^(0{16}F{4}0{4})?[0-9A-F]{6}7F$/.test(address) || /^0{24}01000000$/.test(address);
}

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});

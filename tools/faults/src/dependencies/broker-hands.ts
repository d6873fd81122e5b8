import { eventually } from '@samband/testing';
import { INFRA_NAMESPACE } from '@samband/resources';
import type { Scenario } from '../scenario.js';
import { brokerOf } from './broker.js';
import { complains, keeper, lookAgain, receive, recovery, send, spaceReady } from './checks.js';

const changedByHand: Scenario = {
  group: 'dependency',
  name: 'somebody deletes and changes addresses and permissions in the broker by hand',
  short: true,
  run: async (world) => {
    const { tenant, works } = await keeper(world, { addresses: ['orders', 'store', 'spare', 'shut'] });
    const broker = await brokerOf(world, tenant);
    await broker.manage('broker', 'destroyQueue', ['spare', true, true]);
    await broker.manage('broker', 'updateQueue', [JSON.stringify({ name: 'shut', enabled: false })]);
    await broker.manage('broker', 'updateQueue', [JSON.stringify({ name: 'orders', 'max-consumers': 0 })]);
    await broker.manage('broker', 'createQueue', [
      JSON.stringify({
        name: 'stray',
        address: 'stray',
        'routing-type': 'ANYCAST',
        'auto-create-address': true,
      }),
      false,
    ]);
    await broker.manage('broker', 'addSecuritySettings', ['#', JSON.stringify({ send: ['nobody'] })]);
    await lookAgain(world, tenant);
    for (const name of ['spare', 'shut']) {
      await eventually(async () => {
        await send(tenant, name, ['works']);
        return receive(tenant, name, 1);
      }, recovery);
    }
    await eventually(works, recovery);
    await eventually(async () => {
      const queues = String(await broker.manage('broker', 'getQueueNames', []));
      if (queues.includes('stray')) throw new Error('a queue that nobody declared is still there');
      return true;
    }, recovery);
    await spaceReady(world, tenant);
    await world.remove(tenant);
    return 'what was deleted or changed is as declared again, what was added is gone, messages kept';
  },
};

const wrongCertificate: Scenario = {
  group: 'dependency',
  name: "somebody spoils the administrator's certificate of a broker",
  short: false,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const [broker, other] = [await brokerOf(world, tenant), await brokerOf(world, neighbour.tenant)];
    const read = (secret: string): Promise<Record<string, string>> =>
      world.stage.kube.secret(INFRA_NAMESPACE, secret);
    const write = (values: Record<string, string>): Promise<unknown> =>
      world.stage.kube.store.patch(
        { apiVersion: 'v1', kind: 'Secret', namespace: INFRA_NAMESPACE, name: broker.secret },
        {
          data: Object.fromEntries(
            Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
          ),
        },
      );
    const good = await read(broker.secret);
    const wrong = await read(other.secret);
    await write({ 'admin.crt': wrong['admin.crt'] ?? '', 'admin.key': wrong['admin.key'] ?? '' });
    // A connection that is open goes on; a broker that restarts asks for the certificate again.
    broker.signal('SIGKILL');
    const said = await complains(world, tenant, /broker/i);
    await works();
    await neighbour.works();
    await write({ 'admin.crt': good['admin.crt'] ?? '', 'admin.key': good['admin.key'] ?? '' });
    await spaceReady(world, tenant);
    await works();
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return `says "${said}", messages go on; Ready again with the right one`;
  },
};

export const scenarios: readonly Scenario[] = [changedByHand, wrongCertificate];

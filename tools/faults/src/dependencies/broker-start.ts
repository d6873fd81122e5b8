import { readdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@samband/testing';
import type { Scenario } from '../scenario.js';
import { brokerOf, type Broker } from './broker.js';
import { complains, keeper, receive, recovery, send, spaceReady } from './checks.js';

const cannotStart: Scenario = {
  group: 'dependency',
  name: 'broker dies and cannot start again',
  short: false,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const broker = await brokerOf(world, tenant);
    const data = path.join(broker.folder, 'data');
    let said = '';
    killed(broker, () => {
      renameSync(data, `${data}.away`);
      writeFileSync(data, 'a file, where the journal shall be');
    });
    try {
      said = await complains(world, tenant, /broker/i);
      await neighbour.works();
    } finally {
      rmSync(data, { recursive: true });
      renameSync(`${data}.away`, data);
    }
    await spaceReady(world, tenant);
    await works();
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return `says "${said}", then Ready again by itself, messages kept, neighbour untouched`;
  },
};

const portTaken: Scenario = {
  group: 'dependency',
  name: 'broker dies and somebody takes its port',
  short: false,
  run: async (world) => {
    const { tenant, works } = await keeper(world);
    const broker = await brokerOf(world, tenant);
    const { port } = await tenant.team.endpoint();
    broker.signal('SIGKILL');
    const thief = await takePort(port);
    let said = '';
    try {
      said = await complains(world, tenant, new RegExp(String(port)));
    } finally {
      thief.close();
    }
    await spaceReady(world, tenant);
    await works();
    await world.remove(tenant);
    return `says "${said}", takes no other port, Ready again once it is free`;
  },
};

const restartedEmpty: Scenario = {
  group: 'dependency',
  name: 'broker restarts with an empty disk',
  short: true,
  run: async (world) => {
    const [{ tenant }, neighbour] = [await keeper(world), await keeper(world)];
    const broker = await brokerOf(world, tenant);
    const before = broker.pid();
    const data = path.join(broker.folder, 'data');
    killed(broker, () => {
      for (const name of readdirSync(data)) rmSync(path.join(data, name), { recursive: true });
    });
    await eventually(() => broker.pid() !== before, recovery);
    await eventually(async () => {
      await send(tenant, 'orders', ['works']);
      return receive(tenant, 'orders', 1);
    }, recovery);
    await send(tenant, 'store', ['works']);
    await spaceReady(world, tenant);
    await neighbour.works();
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return 'all addresses and users are there again, Ready, neighbour untouched';
  },
};

/** As soon as the kernel has taken it from the dead: that is earlier than the next start. */
async function takePort(port: number): Promise<Server> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(5);
    }
  }
}

/** Kills the broker and works on what it left, before its supervisor looks again: that takes half a second. */
function killed(broker: Broker, work: () => void): void {
  broker.signal('SIGKILL');
  work();
}

export const scenarios: readonly Scenario[] = [cannotStart, portTaken, restartedEmpty];

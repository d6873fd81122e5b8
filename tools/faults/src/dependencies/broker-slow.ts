import { setTimeout as sleep } from 'node:timers/promises';
import { address } from '@samband/driver';
import type { Scenario } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { brokerOf } from './broker.js';
import { complains, keeper, lookAgain, onceOnly, receive, send, spaceReady, succeeds } from './checks.js';

/** How long the fault itself lasts. */
const slowMs = 30_000;

const duringUpdate: Scenario = {
  group: 'dependency',
  name: 'broker stands still for 30 s in the middle of an update',
  short: true,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const broker = await brokerOf(world, tenant);
    const pid = broker.pid();
    broker.signal('SIGSTOP');
    try {
      const commit = await tenant.team.push({ 'late.yaml': address(spaceName, 'late') });
      await tenant.team.atStep(commit, 'wait');
      const pause = sleep(slowMs);
      await neighbour.works();
      await pause;
      await tenant.team.atStep(commit, 'wait');
      broker.signal('SIGCONT');
      await succeeds(tenant.team, commit);
      await onceOnly(tenant.team, commit);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await send(tenant, 'late', ['works']);
    await receive(tenant, 'late', 1);
    await works();
    if (broker.pid() !== pid) throw new Error('the broker was restarted although it was only slow');
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return 'the rollout waits, succeeds in its first attempt; no restart, neighbour untouched';
  },
};

const underReadySpace: Scenario = {
  group: 'dependency',
  name: 'broker stands still under a ready space, until the space says so',
  short: false,
  run: async (world) => {
    const { tenant, works } = await keeper(world);
    const broker = await brokerOf(world, tenant);
    const pid = broker.pid();
    let said = '';
    broker.signal('SIGSTOP');
    try {
      await lookAgain(world, tenant);
      said = await complains(world, tenant, /probe|broker/i);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await spaceReady(world, tenant);
    await works();
    if (broker.pid() !== pid) throw new Error('the broker was restarted although it was only slow');
    await world.remove(tenant);
    return `says "${said}", then Ready again by itself, messages kept`;
  },
};

export const scenarios: readonly Scenario[] = [duringUpdate, underReadySpace];

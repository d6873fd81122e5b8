import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { address, maker, user } from '@samband/driver';
import { eventually } from '@samband/testing';
import type { Scenario } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { keeper, onceOnly, recovery, succeeds } from './checks.js';

const away: Scenario = {
  group: 'dependency',
  name: 'Temporal away for 10 min while pushes go on',
  short: true,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const awayMs = world.full ? 600_000 : 20_000;
    const pushes = world.full ? 12 : 4;
    let newest = '';
    world.stage.stack.kill('temporal', 'SIGSTOP');
    try {
      for (let count = 1; count <= pushes; count += 1) {
        // `push` throws unless the webhook is answered 202.
        newest = await tenant.team.push({ [`${count}.yaml`]: address(spaceName, `while-${count}`) });
        await works();
        await sleep(awayMs / pushes);
      }
    } finally {
      world.stage.stack.kill('temporal', 'SIGCONT');
    }
    await succeeds(tenant.team, newest);
    await onceOnly(tenant.team, newest);
    await world.stage.kube.ready('Address', tenant.team.namespace, `${spaceName}.while-${pushes}`);
    await works();
    await neighbour.works();
    await succeeds(
      neighbour.tenant.team,
      await neighbour.tenant.team.push({ 'x.yaml': address(spaceName, 'x') }),
    );
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return `${awayMs / 1000} s away: ${pushes} webhooks answered 202, the newest commit succeeds, messages flow all the time`;
  },
};

const emptied: Scenario = {
  group: 'dependency',
  name: "Temporal's database is emptied in the middle of a rollout",
  short: false,
  run: async (world) => {
    const { tenant, works } = await keeper(world);
    const { team } = tenant;
    const { stack, kube } = world.stage;
    const held = await team.push({
      'held.yaml': address(spaceName, 'held'),
      'maker.yaml': maker(),
      'waits.yaml': user(spaceName, 'waits', { passwordSecretRef: { name: 'waits' } }),
    });
    await team.atStep(held, 'wait');
    const rollouts = (await team.rollouts()).length;
    const database = path.basename(stack.state.temporal);
    for (const file of readdirSync(stack.state.root))
      if (file.startsWith(database)) rmSync(path.join(stack.state.root, file));
    stack.kill('temporal', 'SIGKILL');
    await eventually(
      () => stack.parts().some(({ name, restarts, ready }) => name === 'temporal' && restarts > 0 && ready),
      recovery,
    );
    await kube.putSecret(team.namespace, 'waits', { password: world.stage.secret('password of waits') });
    await succeeds(team, held);
    if ((await team.rollouts()).length !== rollouts) throw new Error('something was rolled out again');
    await succeeds(team, await team.push({ 'next.yaml': address(spaceName, 'next') }));
    await works();
    await world.remove(tenant);
    return 'the rollout goes on from its object, nothing is rolled out twice, the next push succeeds';
  },
};

export const scenarios: readonly Scenario[] = [away, emptied];

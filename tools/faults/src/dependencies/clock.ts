import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { address, inline, maker, space, statusOf, user } from '@samband/driver';
import { eventually } from '@samband/testing';
import type { Scenario, World } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { brokerOf } from './broker.js';
import { expectSame, keeper, receive, recovery, send, spaceReady, succeeds } from './checks.js';

const hour = 3_600_000;

const jumps: Scenario = {
  group: 'dependency',
  name: 'clock jumps forward 1 h and back 1 h',
  short: false,
  run: (world) =>
    withSkewableClocks(world, async (setClock) => {
      const { tenant, works } = await keeper(world, { addresses: ['orders', 'store', 'parked'] });
      const { team } = tenant;
      const { kube } = world.stage;
      await send(tenant, 'parked', ['precious']);
      await team.succeed({
        'space.yaml': space(spaceName, { annotations: { 'samband.dev/park-for': '40m' } }),
        'parked.yaml': undefined,
      });
      const parked = async (): Promise<unknown> =>
        statusOf(await kube.need('AddressSpace', team.namespace, spaceName))['parkedAddresses'];
      const isParked = (): Promise<unknown> =>
        eventually(async () => {
          const found = await parked();
          if (Array.isArray(found) && found.length === 1) return true;
          throw new Error(`parked: ${JSON.stringify(found)}`);
        }, recovery);
      await isParked();
      for (const [what, skew] of [
        ['forward', hour],
        ['back', -hour],
        ['right', 0],
      ] as const) {
        const held = await team.push({
          [`${what}.yaml`]: address(spaceName, what),
          'maker.yaml': maker(),
          [`${what}-user.yaml`]: user(spaceName, what, { passwordSecretRef: { name: what } }),
        });
        await team.atStep(held, 'wait');
        setClock(skew);
        const password = world.stage.secret(`password of ${what}`);
        await kube.putSecret(team.namespace, what, { password });
        await succeeds(team, held);
        await send({ ...tenant, login: { username: what, password } }, what, ['works']);
        await receive(tenant, what, 1);
        await isParked();
        (await brokerOf(world, tenant)).signal('SIGKILL');
        await eventually(works, recovery);
        await spaceReady(world, tenant);
        // A login that changes while the clock is wrong must be in force: files carry times.
        const other = world.stage.secret(`another password of ${what}`);
        await team.succeed({ [`${what}-user.yaml`]: user(spaceName, what, inline(other)) });
        await send({ ...tenant, login: { username: what, password: other } }, what, ['works']);
        // Certificates made by a wrong clock are good by the right one.
        const fresh = await keeper(world);
        await fresh.works();
        await world.remove(fresh.tenant);
      }
      await team.succeed({ 'parked.yaml': address(spaceName, 'parked') });
      expectSame(await receive(tenant, 'parked', 1), ['precious'], 'what was parked');
      await works();
      await world.remove(tenant);
      return 'rollouts go on, nothing parked is destroyed, new logins and certificates are good at once';
    }),
};

/** The stack again with our processes' clocks in the scenario's hand, and afterwards as it was. */
async function withSkewableClocks(
  { stage }: World,
  work: (setClock: (skewMs: number) => void) => Promise<string>,
): Promise<string> {
  const file = path.join(stage.folder, 'skew');
  const preload = fileURLToPath(new URL('./skewed-clock.js', import.meta.url));
  await stage.stop();
  process.env['SAMBAND_SKEW_FILE'] = file;
  process.env['SAMBAND_NODE_OPTIONS'] = `--import ${preload}`;
  try {
    await stage.start();
    return await work((skewMs) => {
      writeFileSync(file, String(skewMs));
    });
  } finally {
    rmSync(file, { force: true });
    delete process.env['SAMBAND_SKEW_FILE'];
    delete process.env['SAMBAND_NODE_OPTIONS'];
    await stage.stop();
    await stage.start();
  }
}

export const scenarios: readonly Scenario[] = [jumps];

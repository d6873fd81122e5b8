import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@samband/testing';
import { spaceName, type Scenario, type Tenant } from '../scenario.js';
import { brokerOf, type Broker } from './broker.js';
import { keeper, recovery, spaceReady } from './checks.js';

/** Half of those that serve the port. */
const threads = 2;
/** Half a minute is promised; a host that is busy adds to it. */
const noticedWithinSeconds = 45;

const inLogins: Scenario = {
  group: 'dependency',
  name: 'threads of a broker hang for ever in logins, under a ready space',
  short: true,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const broker = await brokerOf(world, tenant);
    const pid = broker.pid();
    const began = performance.now();
    const { namespace } = tenant.team;
    const [said] = await Promise.all([
      world.stage.kube.event(namespace, spaceName, 'BrokerRestarted'),
      hangLogins(broker, tenant),
    ]);
    const seconds = Math.round((performance.now() - began) / 1000);
    if (seconds > noticedWithinSeconds) throw new Error(`it was noticed only after ${seconds} s`);
    await neighbour.works();
    await eventually(works, recovery);
    if (broker.pid() === pid) throw new Error('the broker goes on with threads that hang');
    await spaceReady(world, tenant);
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return `noticed after ${seconds} s: "${said}"; messages kept, neighbour untouched`;
  },
};

/**
 * Makes threads wait for ever for the end of a file, whatever becomes of its name afterwards: a pipe that nobody writes to.
 * They are the threads that serve connections, so that each takes others with it.
 */
async function hangLogins(broker: Broker, { team, login }: Tenant): Promise<void> {
  const users = path.join(broker.folder, 'live/users.properties');
  const kept = `${users}.kept`;
  renameSync(users, kept);
  try {
    execFileSync('mkfifo', ['-m', '600', users]);
    const logins = Array.from({ length: threads }, async () => {
      await (await team.connect({ ...login, mechanism: 'PLAIN' })).close();
    });
    const came = (await Promise.allSettled(logins)).filter(({ status }) => status === 'fulfilled');
    if (came.length > 0) throw new Error(`${came.length} logins that should hang came through`);
  } finally {
    renameSync(kept, users);
  }
}

export const scenarios: readonly Scenario[] = [inLogins];

import { setTimeout as sleep } from 'node:timers/promises';
import { address, expectPhase, patience } from '@samband/driver';
import { isFinished } from '@samband/resources';
import { eventually } from '@samband/testing';
import { brokerOf, targets, type Target } from '../kill/targets.js';
import { differences, settledState } from '../observe/end-state.js';
import { watchStatuses } from '../observe/watcher.js';
import { spaceName, type Finding, type Scenario, type Tenant, type World } from '../scenario.js';
import { startTraffic } from './traffic.js';

const tenantCount = 5;
/** Between two kills: some come while what was killed before is still on its way back. */
const pauseMs = { least: 2_000, most: 15_000 } as const;
const recovery = { timeoutMs: 300_000, intervalMs: 500 } as const;

const soak: Scenario = {
  group: 'soak',
  name: 'random kills under steady pushes by five tenants with producers and consumers',
  short: false,
  async run(world) {
    const began = Date.now();
    const tenants = await Promise.all(Array.from({ length: tenantCount }, () => world.newTeam()));
    const watcher = await watchStatuses(world.stage.stack.env.KUBECONFIG);
    const traffic = tenants.map((tenant) => startTraffic(tenant, 'orders'));
    const until = new AbortController();
    const pushes = tenants.map((tenant) => keepPushing(tenant, until.signal));
    const kills = await killAtRandom(world, tenants, began + world.minutes * 60_000);
    until.abort();
    await world.settled();
    const counts = await Promise.all(pushes);
    await Promise.all(tenants.map((tenant, index) => finalCommit(tenant, counts[index] ?? 0)));
    const messages = await Promise.all(traffic.map((one) => one.finish()));
    const complaints = await Promise.all(tenants.map(({ team }) => watcher.complaints(team.namespace)));
    const states = await Promise.all(tenants.map(({ team }) => settledState(world.stage.kube, team)));
    const seconds = (Date.now() - began) / 1000;
    const findings = tenants.map(({ team }, index): Finding => {
      const { acknowledged = 0, duplicates = 0, lost = [] } = messages[index] ?? {};
      const broken = [
        ...(lost.length > 0 ? [`${lost.length} acknowledged messages lost: ${lost.slice(0, 5).join()}`] : []),
        ...differences(withoutHistory(states[0]), withoutHistory(states[index])),
        ...(complaints[index] ?? []),
      ];
      return {
        what: `${kills} random kills, ${counts[index] ?? 0} commits of ${team.namespace}`,
        step: 'anywhere',
        seconds,
        ...(broken.length === 0
          ? { end: `0 of ${acknowledged} messages lost, ${duplicates} came again; the newest commit's state` }
          : { end: `BROKEN: ${broken.join('; ')}`, broken: true }),
      };
    });
    watcher.stop();
    if (findings.every(({ broken }) => broken !== true))
      await Promise.all(tenants.map((tenant) => world.remove(tenant)));
    return findings;
  },
};

/** One commit after another, each when the one before has ended, however. @returns how many */
async function keepPushing({ team }: Tenant, signal: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const before = count === 0 ? {} : { [`extra-${count - 1}.yaml`]: undefined };
    const files = { ...before, [`extra-${count}.yaml`]: address(spaceName, `extra-${count}`) };
    const push = await team.repository.push(files, `Change ${count}`);
    count += 1;
    // The api may be away: what no webhook told of is told of again.
    const told = eventually(async () => {
      const { status } = await team.deliver(push);
      return status === 202;
    }, recovery);
    await told;
    await eventually(async () => {
      const [newest] = (await team.rollouts()).filter(({ spec }) => spec.commit === push.after);
      return isFinished(newest?.status?.phase ?? 'Pending') || signal.aborted;
    }, recovery);
    await sleep(1_000);
  }
  return count;
}

/** @returns how many */
async function killAtRandom(
  { stage, random, say }: World,
  tenants: readonly Tenant[],
  until: number,
): Promise<number> {
  let count = 0;
  while (Date.now() < until) {
    await sleep(pauseMs.least + random.int(pauseMs.most - pauseMs.least));
    const target: Target = random.pick(targets);
    const tenant = random.pick(tenants);
    if (target === 'broker') {
      const pid = brokerOf(stage, tenant);
      if (pid === undefined) continue;
      process.kill(pid, 'SIGKILL');
    } else stage.stack.kill(target, 'SIGKILL');
    count += 1;
    say(`kill ${count}: ${target}${target === 'broker' ? ` of ${tenant.team.namespace}` : ''}`);
  }
  return count;
}

/** Whatever became of the commits before, the last one is in force in the end. */
async function finalCommit({ team }: Tenant, count: number): Promise<void> {
  const extra = count === 0 ? {} : { [`extra-${count - 1}.yaml`]: undefined };
  const commit = await team.push({ ...extra, 'last.yaml': address(spaceName, 'last') });
  expectPhase(await eventually(() => team.ended(commit), recovery), 'Succeeded');
  await eventually(async () => (await team.succeeded()).at(-1)?.spec.commit === commit, patience);
}

function withoutHistory(state: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'Rollouts'));
}

export const scenarios: readonly Scenario[] = [soak];

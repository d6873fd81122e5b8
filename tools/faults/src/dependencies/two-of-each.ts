import { setTimeout as sleep } from 'node:timers/promises';
import { address, inline, stateOf, user } from '@samband/driver';
import type { Scenario, World } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { brokerOf } from './broker.js';
import { expectSame, keeper, onceOnly, receive, send, spaceReady, succeeds, type Keeper } from './checks.js';
import { twinOf } from './twins.js';

const rounds = 6;
/** Longer than an activity may go without a sign of life. */
const frozenMs = 45_000;

const sideBySide: Scenario = {
  group: 'dependency',
  name: 'two workers and two controllers at once',
  short: true,
  run: async (world) => {
    const own = await keeper(world);
    const { team } = own.tenant;
    const twins = [await twinOf(world, 'worker'), await twinOf(world, 'controller')];
    try {
      // The same address comes and goes: who worked on the broker last time is not who does this time.
      for (let round = 1; round <= rounds; round += 1) {
        const there = round % 2 === 1;
        const commit = await team.push({
          'coming.yaml': there ? address(spaceName, 'coming') : undefined,
          [`round-${round}.yaml`]: address(spaceName, `round-${round}`),
        });
        await succeeds(team, commit);
        await onceOnly(team, commit);
        for (const name of [`round-${round}`, ...(there ? ['coming'] : [])]) {
          await send(own.tenant, name, ['works']);
          await receive(own.tenant, name, 1);
        }
      }
      await holdsStill(world, own);
    } finally {
      for (const twin of twins) await twin.end();
    }
    await succeeds(team, await team.push({ 'alone.yaml': address(spaceName, 'alone') }));
    await own.works();
    await world.remove(own.tenant);
    return `${rounds} rollouts, each once, each works; nothing is written once all is ready`;
  },
};

const lateAttempt: Scenario = {
  group: 'dependency',
  name: 'a worker stands still for 45 s while another takes over, and goes on late',
  short: false,
  run: async (world) => {
    const own = await keeper(world, { addresses: ['orders', 'store', 'leaving'] });
    const { tenant } = own;
    const { team } = tenant;
    const twin = await twinOf(world, 'worker');
    const { stack } = world.stage;
    try {
      for (let round = 1; round <= 3; round += 1) {
        const password = world.stage.secret(`password of round ${round}`);
        const old = world.stage.secret(`older password of round ${round}`);
        const commit = await team.push({
          'leaving.yaml': undefined,
          'late.yaml': user(spaceName, 'late', inline(old)),
          [`add-${round}.yaml`]: address(spaceName, `add-${round}`),
        });
        await team.atStep(commit, world.random.pick(['apply', 'wait', 'wait', 'probe', 'prune']));
        await sleep(world.random.int(1_500));
        stack.kill('worker', 'SIGSTOP');
        const pause = sleep(frozenMs);
        const newer = await team.push({
          'leaving.yaml': address(spaceName, 'leaving'),
          'late.yaml': user(spaceName, 'late', inline(password)),
        });
        await pause;
        await succeeds(team, newer);
        await spaceReady(world, tenant);
        const before = await stateOf(world.stage.kube, team.namespace);
        stack.kill('worker', 'SIGCONT');
        await holdsStill(world, own);
        expectSame(
          await stateOf(world.stage.kube, team.namespace),
          before,
          'the state after the late writes',
        );
        await send({ ...tenant, login: { username: 'late', password } }, 'leaving', ['works']);
        expectSame(await receive(tenant, 'leaving', 1), ['works'], 'what went through leaving');
        await own.works();
      }
    } finally {
      stack.kill('worker', 'SIGCONT');
      await twin.end();
    }
    await (await brokerOf(world, tenant)).manage('broker', 'isStarted', []);
    await world.remove(tenant);
    return 'three times: the newer state stays, in objects, logins and queues';
  },
};

/** For ten seconds nothing about the tenant is written: no two writers undo each other. */
async function holdsStill({ stage }: World, { tenant: { team } }: Keeper): Promise<void> {
  const versions = async (): Promise<(string | undefined)[]> => {
    const lists = await Promise.all(
      (['AddressSpace', 'Address', 'MessagingUser', 'Rollout', 'GitSource'] as const).map((kind) =>
        stage.kube.list(kind, team.namespace),
      ),
    );
    return lists
      .flat()
      .map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.resourceVersion ?? ''}`);
  };
  await sleep(5_000);
  const before = await versions();
  await sleep(10_000);
  expectSame(await versions(), before, 'versions after ten quiet seconds');
}

export const scenarios: readonly Scenario[] = [sideBySide, lateAttempt];

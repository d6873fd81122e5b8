import { setTimeout as sleep } from 'node:timers/promises';
import { address, explain, maker, patience, user, type Team } from '@samband/driver';
import { annotations, isFinished, type Rollout } from '@samband/resources';
import { eventually } from '@samband/testing';
import { spaceName, type Scenario, type Tenant, type World } from '../scenario.js';
import { watchStatuses } from '../observe/watcher.js';

const queue = (name: string, more: Readonly<Record<string, unknown>> = {}): string =>
  address(spaceName, name, more);

/** Holds a rollout at its step `wait`: its user waits for a Secret that is not there. */
async function hold(tenant: Tenant): Promise<string> {
  const commit = await tenant.team.push({
    'maker.yaml': maker(),
    'held.yaml': user(spaceName, 'held', { passwordSecretRef: { name: 'held' } }),
  });
  await tenant.team.atStep(commit, 'wait');
  return commit;
}

function release({ stage }: World, { team }: Tenant): Promise<unknown> {
  return stage.kube.putSecret(team.namespace, 'held', { password: stage.secret('password of held') });
}

const twoAtOnce: Scenario = concurrent('two commits 100 ms apart', async (_, { team }) => {
  const first = await team.push({ 'one.yaml': queue('one') });
  await sleep(100);
  const second = await team.push({ 'two.yaml': queue('two'), 'orders.yaml': shortQueue('orders') });
  return { newest: second, earlier: [first], there: ['one', 'two', 'orders', 'store'], gone: [] };
});

const tenMeanwhile: Scenario = concurrent('ten commits during a rollout', async (world, tenant) => {
  const held = await hold(tenant);
  const commits: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    // Each takes back what the one before it brought: only the newest may be seen in the end.
    const before = index === 0 ? {} : { [`queue-${index - 1}.yaml`]: undefined };
    commits.push(await tenant.team.push({ ...before, [`queue-${index}.yaml`]: queue(`queue-${index}`) }));
  }
  await release(world, tenant);
  return {
    newest: commits.at(-1) ?? '',
    earlier: [held, ...commits.slice(0, -1)],
    there: ['queue-9', 'orders', 'store'],
    gone: Array.from({ length: 9 }, (_, index) => `queue-${index}`),
  };
});

const rollbackMeanwhile: Scenario = concurrent(
  'a rollback while a newer commit arrives',
  async ({ stage }, { team }) => {
    const [first] = await team.succeeded();
    if (first === undefined) throw new Error('the space has no rollout');
    await team.succeed({ 'second.yaml': queue('second') });
    await stage.kube.annotate('GitSource', team.namespace, team.source, {
      [annotations.rollbackTo]: first.metadata.name,
    });
    const third = await team.push({ 'third.yaml': queue('third') });
    return {
      newest: third,
      earlier: [first.spec.commit],
      there: ['second', 'third', 'orders', 'store'],
      gone: [],
    };
  },
);

const editsBetween: Scenario = concurrent('kubectl edits in between', async (world, tenant) => {
  const { stage } = world;
  const { team } = tenant;
  const held = await hold(tenant);
  const edit = (name: string): Promise<string> =>
    stage.kube.kubectl([
      ...['patch', 'addresses.enmasse.io', `${spaceName}.${name}`, '-n', team.namespace],
      ...['--type=merge', '-p', JSON.stringify({ spec: { plan: 'tiny-short-queue' } })],
    ]);
  await edit('orders');
  await stage.kube.kubectl(['delete', 'addresses.enmasse.io', `${spaceName}.store`, '-n', team.namespace]);
  const next = await team.push({ 'next.yaml': queue('next') });
  await edit('store').catch(() => undefined);
  await release(world, tenant);
  return { newest: next, earlier: [held], there: ['orders', 'store', 'next'], gone: [] };
});

/** Nobody makes the Secret: only because the fix takes over does it come into force. */
const fixBehindBad: Scenario = concurrent('a fix behind a bad commit', async (world, tenant) => {
  const { team } = tenant;
  const bad = await hold(tenant);
  const fix = await team.push({
    'held.yaml': undefined,
    'maker.yaml': undefined,
    'fixed.yaml': queue('fixed'),
  });
  // At whatever the older one is just then: waiting still, or on its way back.
  world.stage.stack.kill('worker', 'SIGKILL');
  return { newest: fix, earlier: [bad], there: ['fixed', 'orders', 'store'], gone: [] };
});

interface Story {
  readonly newest: string;
  /** Commits before the newest: each rolled out, superseded, or never seen because a newer one was there. */
  readonly earlier: readonly string[];
  /** Addresses that the newest commit has. */
  readonly there: readonly string[];
  readonly gone: readonly string[];
}

function concurrent(name: string, play: (world: World, tenant: Tenant) => Promise<Story>): Scenario {
  return {
    group: 'concurrency',
    name,
    short: true,
    async run(world) {
      const tenant = await world.newTeam();
      const watcher = await watchStatuses(world.stage.stack.env.KUBECONFIG);
      try {
        const story = await play(world, tenant);
        const fates = await fatesOf(tenant.team, story);
        await newestIsInForce(world, tenant, story);
        const complaints = await watcher.complaints(tenant.team.namespace);
        if (complaints.length > 0)
          throw new Error(`a status claimed what was not so: ${complaints.join('; ')}`);
        await world.remove(tenant);
        return `the newest commit's state; ${fates}`;
      } finally {
        watcher.stop();
      }
    },
  };
}

function shortQueue(name: string): string {
  return queue(name, { plan: 'tiny-short-queue' });
}

/** Every rollout has come to an end that is documented, none overlapped another. @returns how many ended how */
async function fatesOf(team: Team, { newest, earlier }: Story): Promise<string> {
  const rollouts = await eventually(async () => {
    const all = await team.rollouts();
    const current = all.filter(({ spec }) => spec.commit === newest).at(-1);
    const open = all.filter(({ status }) => !isFinished(status?.phase ?? 'Pending'));
    if (current?.status?.phase === 'Succeeded' && open.length === 0) return all;
    throw new Error(`not at its end: ${all.map(explain).join('\n')}`);
  }, patience);
  const strange = rollouts.filter(({ status }) => !['Succeeded', 'Superseded'].includes(status?.phase ?? ''));
  if (strange.length > 0) throw new Error(strange.map(explain).join('\n'));
  for (const commit of [...earlier, newest]) {
    const succeeded = rollouts.filter(
      ({ spec, status }) => spec.commit === commit && status?.phase === 'Succeeded',
    );
    if (succeeded.length > 2) throw new Error(`one commit was rolled out ${succeeded.length} times`);
  }
  const applied = rollouts.map(interval).filter((one) => one !== undefined);
  const ordered = applied.sort((a, b) => a.from - b.from);
  for (const [index, one] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before !== undefined && before.to > one.from)
      throw new Error(`${one.name} was applied before ${before.name} had ended`);
  }
  const last = ordered.at(-1)?.commit;
  if (last !== newest) throw new Error(`the last that was applied is ${last ?? 'none'}, not the newest`);
  const count = (phase: string): number => rollouts.filter(({ status }) => status?.phase === phase).length;
  return `${count('Succeeded')} succeeded, ${count('Superseded')} superseded`;
}

/** From its first write to its end. */
function interval({
  metadata,
  spec,
  status,
}: Rollout): { name: string; commit: string; from: number; to: number } | undefined {
  const apply = status?.steps?.find(({ name }) => name === 'apply');
  if (apply?.startedAt === undefined || status?.finishedAt === undefined) return undefined;
  const { name } = metadata;
  return { name, commit: spec.commit, from: Date.parse(apply.startedAt), to: Date.parse(status.finishedAt) };
}

async function newestIsInForce({ stage }: World, { team, login }: Tenant, story: Story): Promise<void> {
  for (const name of story.gone) await stage.kube.gone('Address', team.namespace, `${spaceName}.${name}`);
  const addresses = await stage.kube.list('Address', team.namespace);
  const names = addresses.map(({ spec }) => (spec as { address: string }).address).sort();
  if (names.join() !== [...story.there].sort().join())
    throw new Error(`there are the addresses ${names.join()}`);
  // The source looks at its rollout after that has ended.
  await eventually(async () => {
    const source = await stage.kube.need('GitSource', team.namespace, team.source);
    const { applied } = (source['status'] ?? {}) as { applied?: { commit?: string } };
    if (applied?.commit === story.newest) return true;
    throw new Error(`in force is said to be ${applied?.commit ?? 'nothing'}`);
  }, patience);
  const client = await team.connectSoon(login);
  try {
    for (const name of story.there) {
      await stage.kube.ready('Address', team.namespace, `${spaceName}.${name}`);
      await client.send(name, name);
      const [received] = await client.receive(name);
      if (received !== name) throw new Error(`${name} gave ${received ?? 'nothing'}`);
    }
    for (const name of story.gone)
      if ((await client.trySend(name)) === 'allowed') throw new Error(`${name} still takes messages`);
  } finally {
    await client.close();
  }
}

export const scenarios: readonly Scenario[] = [
  twoAtOnce,
  tenMeanwhile,
  fixBehindBad,
  rollbackMeanwhile,
  editsBetween,
];

import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { address, conditionOf, maker, user, type Team } from '@samband/driver';
import { eventually } from '@samband/testing';
import type { Scenario, World } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { keeper, onceOnly, recovery, succeeds } from './checks.js';

/** Until the source says that its repository cannot be read, and why. */
function sourceSays({ stage }: World, team: Team, what: RegExp): Promise<string> {
  return eventually(async () => {
    const source = await stage.kube.need('GitSource', team.namespace, team.source);
    const { status, reason, message } = conditionOf(source, 'Ready');
    if (status === 'False' && what.test(reason)) return reason;
    throw new Error(`the source says Ready ${status}, ${reason}: ${message}`);
  }, recovery);
}

const unreadable: Scenario = {
  group: 'dependency',
  name: 'git repository goes away, is garbage, is emptied',
  short: true,
  run: async (world) => {
    const { tenant, works } = await keeper(world);
    const { team } = tenant;
    const bare = fileURLToPath(team.repository.url);
    const head = path.join(bare, 'HEAD');
    const git = (...args: string[]): string =>
      execFileSync('git', ['--git-dir', bare, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
    const commit = git('rev-parse', 'main');
    const faults: [what: string, reason: RegExp, breakIt: () => void, mendIt: () => void][] = [
      [
        'away',
        /Git/,
        () => {
          renameSync(bare, `${bare}.away`);
        },
        () => {
          renameSync(`${bare}.away`, bare);
        },
      ],
      [
        'garbage',
        /Git/,
        () => {
          writeFileSync(head, '\u0000\u0001 nonsense');
        },
        () => {
          writeFileSync(head, 'ref: refs/heads/main\n');
        },
      ],
      [
        'emptied',
        /GitRefNotFound/,
        () => {
          git('update-ref', '-d', 'refs/heads/main');
        },
        () => {
          git('update-ref', 'refs/heads/main', commit);
        },
      ],
    ];
    const said: string[] = [];
    const before = (await team.rollouts()).length;
    for (const [what, reason, breakIt, mendIt] of faults) {
      breakIt();
      try {
        await team.requestSync(what);
        said.push(`${what}: ${await sourceSays(world, team, reason)}`);
        await works();
      } finally {
        mendIt();
      }
    }
    if ((await team.rollouts()).length !== before)
      throw new Error('something was rolled out from a broken repository');
    await succeeds(team, await team.push({ 'after.yaml': address(spaceName, 'after') }));
    await works();
    await world.remove(tenant);
    return `${said.join(', ')}; nothing removed, the next push succeeds`;
  },
};

const movedMeanwhile: Scenario = {
  group: 'dependency',
  name: 'branch is forced back and deleted while its commit is rolled out',
  short: false,
  run: async (world) => {
    const { tenant, works } = await keeper(world);
    const { team } = tenant;
    const git = (...args: string[]): string =>
      execFileSync('git', ['--git-dir', fileURLToPath(team.repository.url), ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
    const first = git('rev-parse', 'main');
    const planned = await team.push({
      'planned.yaml': address(spaceName, 'planned'),
      'maker.yaml': maker(),
      'waits.yaml': user(spaceName, 'waits', { passwordSecretRef: { name: 'waits' } }),
    });
    await team.atStep(planned, 'wait');
    // Nobody is told of the older head before the branch is gone: seen, it would take over at once.
    await team.repository.forcePush(first);
    git('update-ref', '-d', 'refs/heads/main');
    await team.requestSync('gone');
    await sourceSays(world, team, /GitRefNotFound/);
    await world.stage.kube.putSecret(team.namespace, 'waits', {
      password: world.stage.secret('password of waits'),
    });
    await succeeds(team, planned);
    await onceOnly(team, planned);
    await world.stage.kube.ready('Address', team.namespace, `${spaceName}.planned`);
    git('update-ref', 'refs/heads/main', first);
    await team.requestSync('back');
    await eventually(async () => {
      const gone = await world.stage.kube.get('Address', team.namespace, `${spaceName}.planned`);
      if (gone !== undefined) throw new Error('the older head is not rolled out yet');
      return true;
    }, recovery);
    await works();
    await world.remove(tenant);
    return 'the planned commit is applied; the forced head follows once the branch is there';
  },
};

export const scenarios: readonly Scenario[] = [unreadable, movedMeanwhile];

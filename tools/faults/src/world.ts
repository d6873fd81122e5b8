import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  address,
  exportRole,
  inline,
  offerPlans,
  patience,
  space,
  Stage,
  user,
  type Files,
} from '@samband/driver';
import { eventually } from '@samband/testing';
import type { Options } from './options.js';
import type { Random } from './random.js';
import { spaceName, type Tenant, type TenantOptions, type World } from './scenario.js';

export interface OpenWorld extends World {
  /** A new stack instead of one that may be broken; the state of the old one stays, to be looked at. */
  renew(): Promise<void>;
  end(): Promise<void>;
}

export async function openWorld(
  { full, minutes }: Pick<Options, 'full' | 'minutes'>,
  random: Random,
  say: (line: string) => void,
): Promise<OpenWorld> {
  const open = async (): Promise<Stage> => {
    const opened = await Stage.open();
    await offerPlans(opened);
    return opened;
  };
  let stage = await open();
  let teams = 0;

  return {
    get stage() {
      return stage;
    },
    random,
    full,
    minutes,
    say,
    async newTeam(options: TenantOptions = {}): Promise<Tenant> {
      const team = await stage.team(`team-${++teams}`, options.team);
      const login = { username: 'app', password: stage.secret(`password of ${team.namespace}`) };
      if (options.empty === true) return { team, login, files: {} };
      const files = firstFiles(login.password, options.addresses);
      await team.succeed(files, 'First space');
      return { team, login, files };
    },
    async remove({ team: { namespace, source } }) {
      await stage.kube.kubectl(['delete', 'namespace', namespace, '--timeout=90s']);
      await rm(path.join(stage.folder, 'repositories', `${namespace}-${source}`), {
        recursive: true,
        force: true,
      });
    },
    async settled() {
      await eventually(() => {
        const away = stage.stack.parts().filter(({ ready }) => !ready);
        if (away.length === 0) return true;
        throw new Error(`not ready: ${away.map(({ name }) => name).join(', ')}`);
      }, patience);
    },
    async renew() {
      say(`a new stack is started; the state of the old one stays in ${stage.stateDir}`);
      await stage.stop();
      stage = await open();
    },
    end: () => stage.end(),
  };
}

/** What a tenant's repository holds first. */
export function firstFiles(password: string, addresses: readonly string[] = ['orders', 'store']): Files {
  return {
    'space.yaml': space(spaceName),
    'exports.yaml': exportRole(),
    'app.yaml': user(spaceName, 'app', inline(password), [[['send', 'recv', 'view'], ['*']]]),
    ...Object.fromEntries(addresses.map((name) => [`${name}.yaml`, address(spaceName, name)])),
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stage, type Team } from '@samband/driver';
import { INFRA_NAMESPACE } from '@samband/resources';
import { plans, spaceFiles } from './manifests.js';
import { commit } from './commit.js';
import { settle } from './processes.js';
import { RawServers } from './raw/servers.js';

/**
 * What the benchmarks run on: one stack of its own, and bare servers beside it. Each is started when it is first
 * needed, and what one benchmark has made another one may use.
 */
export class World {
  /** For what needs a folder of its own. */
  readonly folder: Promise<string> = mkdtemp(path.join(tmpdir(), 'samband-bench-'));
  private readonly made = new Map<string, Promise<unknown>>();

  /** @param say tells people how far it is */
  constructor(readonly say: (line: string) => void) {}

  /** Makes something once, however many benchmarks need it. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.made.get(name) as Promise<T> | undefined;
    const made = known ?? make();
    this.made.set(name, made);
    return made;
  }

  /** The stack, at rest. */
  async stage(): Promise<Stage> {
    const stage = await this.once('stage', async () => {
      this.say('starting the stack');
      const opened = await Stage.open();
      this.say(
        opened.stack
          .parts()
          .map(({ name, pid }) => `${name} ${pid ?? 0}`)
          .join(', '),
      );
      await opened.kube.kubectl(['apply', '-n', INFRA_NAMESPACE, '-f', '-'], plans);
      return opened;
    });
    await this.rest(stage);
    return stage;
  }

  raw(): Promise<RawServers> {
    return this.once('raw', async () => {
      this.say('starting an API server and a broker without anything of ours');
      return RawServers.start(await this.folder);
    });
  }

  /** A team whose space has stood for a while, without any address yet. */
  async team(namespace: string): Promise<Team> {
    const stage = await this.stage();
    const team = await this.once(`team ${namespace}`, async () => {
      const made = await stage.team(namespace);
      const { seconds } = await commit(stage.kube, made, spaceFiles(), { message: 'A space', addresses: 0 });
      this.say(`${namespace} has a space (${seconds.toFixed(1)} s)`);
      return made;
    });
    await this.rest(stage);
    return team;
  }

  private async rest(stage: Stage): Promise<void> {
    if (!(await settle(stage.stack))) this.say('the stack does not come to rest; going on all the same');
  }

  async end(): Promise<void> {
    const [stage, raw] = [this.made.get('stage'), this.made.get('raw')] as [
      Promise<Stage> | undefined,
      Promise<RawServers> | undefined,
    ];
    // What did not start has stopped by itself.
    await Promise.all([stage?.then((one) => one.end()), raw?.then((one) => one.stop())].map(quietly));
    await rm(await this.folder, { recursive: true, force: true });
  }
}

async function quietly(ending: Promise<void> | undefined): Promise<void> {
  await ending?.catch((error: unknown) => {
    console.error('while ending:', error);
  });
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { INFRA_NAMESPACE } from '@samband/resources';
import { connectTemporal } from '@samband/temporal';
import { repository, startStack, type Stack } from '@samband/stack';
import { Kube } from './kube.js';
import { createTeam, type Team, type TeamOptions } from './team.js';

export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly step: string;
  readonly outcome: string;
  readonly message?: string;
}

/** Where the journeys play: one real stack with a state of its own, and everything that was kept secret on it. */
export class Stage {
  /** Passwords and tokens that were used: none of them may be found where people look. */
  readonly secrets = new Map<string, string>();
  private current: { stack: Stack; kube: Kube };

  private constructor(
    readonly folder: string,
    stack: Stack,
  ) {
    this.current = { stack, kube: new Kube(stack.env.KUBECONFIG) };
  }

  /** @param settings of the apps, beside those that the stack gives them */
  static async open(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
    Object.assign(process.env, settings);
    const folder = mkdtempSync(path.join(tmpdir(), 'samband-e2e-'));
    return new Stage(folder, await start(folder));
  }

  get stack(): Stack {
    return this.current.stack;
  }

  get kube(): Kube {
    return this.current.kube;
  }

  get stateDir(): string {
    return stateDirOf(this.folder);
  }

  /** A new password or token that must stay secret; `what` names it in a complaint. */
  secret(what: string, text: string = randomBytes(18).toString('base64url')): string {
    this.secrets.set(text, what);
    return text;
  }

  /** A token of a service account, which is made when it is missing. */
  async token(namespace: string, name: string): Promise<string> {
    await this.kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
    return this.secret(
      `token of ${namespace}/${name}`,
      await this.kube.store.requestToken(namespace, name, 3_600),
    );
  }

  team(namespace: string, options: TeamOptions = {}): Promise<Team> {
    return createTeam(this, namespace, options);
  }

  /** Names of the Secrets that spaces have in the infrastructure's namespace. */
  async infraSecrets(): Promise<string[]> {
    const secrets = await this.kube.list('Secret', INFRA_NAMESPACE);
    return secrets
      .filter(({ metadata }) => metadata.labels?.['infraType'] !== undefined)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** What a workflow answers to the query `timeline`. */
  async timeline(workflowId: string): Promise<TimelineEntry[]> {
    const temporal = connectTemporal({ address: this.stack.env.TEMPORAL_ADDRESS, namespace: 'default' });
    try {
      return (await temporal.query(workflowId, 'timeline')) as TimelineEntry[];
    } finally {
      await temporal.close();
    }
  }

  /** Process ids of the brokers: those whose last argument is a folder of this state. */
  brokerPids(): number[] {
    const brokers = `${path.join(this.stateDir, 'brokers')}${path.sep}`;
    return readdirSync('/proc').flatMap((entry) => {
      if (!/^\d+$/.test(entry)) return [];
      const args = commandLine(entry);
      return args[0]?.endsWith('/java') === true && args.at(-1)?.startsWith(brokers) === true
        ? [Number(entry)]
        : [];
    });
  }

  /** kill -9 of every process, brokers included. */
  killAll(): void {
    this.stack.force();
    for (const pid of this.brokerPids()) process.kill(pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    this.kube.close();
    await this.stack.stop();
  }

  /** Starts the stack again on what it left. */
  async start(): Promise<void> {
    const stack = await start(this.folder);
    this.current = { stack, kube: new Kube(stack.env.KUBECONFIG) };
  }

  /** Stops everything and forgets it, unless `SAMBAND_E2E_KEEP` is set: then only the state stays. */
  async end(): Promise<void> {
    await this.stop();
    if (process.env['SAMBAND_E2E_KEEP'] === undefined)
      await rm(this.folder, { recursive: true, force: true });
  }
}

/** Manifests cut out of the texts that this product is made from, where they are at hand. */
export function seedsFolder(): string | undefined {
  const folder = path.resolve(repository, '../shared/seeds/manifests');
  return existsSync(folder) ? folder : undefined;
}

function stateDirOf(folder: string): string {
  return path.join(folder, 'state');
}

function start(folder: string): Promise<Stack> {
  const lines: string[] = [];
  return startStack({ stateDir: stateDirOf(folder), log: (line) => lines.push(line) }).catch(
    (error: unknown) => {
      throw new Error(`the stack does not start:\n${lines.join('\n')}`, { cause: error });
    },
  );
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

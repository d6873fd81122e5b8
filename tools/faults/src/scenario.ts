import type { Files, Login, Stage, Team, TeamOptions } from '@samband/driver';
import type { Random } from './random.js';

/** One way of breaking a stack, and what must be so afterwards. */
export interface Scenario {
  readonly group: 'kill' | 'dependency' | 'concurrency' | 'soak';
  /** For people: `kill -9 of worker while an update is rolled out`. */
  readonly name: string;
  /** Whether the short form may choose it. */
  readonly short: boolean;
  /**
   * @returns what was seen, in one line, or one line for each thing that was broken
   * @throws when a promise was broken; the message says which
   */
  run(world: World): Promise<string | readonly Finding[]>;
}

/** One line of the final table. */
export interface Finding {
  /** What was broken: `worker, first rollout`. */
  readonly what: string;
  /** The step at which it really hit. */
  readonly step: string;
  /** How it ended. */
  readonly end: string;
  readonly seconds: number;
  /** Nothing was broken for this one: the kill hit others, or nobody. It is shown, and does not count as a fault. */
  readonly undisturbed?: true;
  /** A promise was broken; the others of the scenario may have been kept. */
  readonly broken?: true;
}

/** What scenarios break: one stack, shared by those that run one after another. */
export interface World {
  readonly stage: Stage;
  readonly random: Random;
  /** Whether everything is asked for, or the short form. */
  readonly full: boolean;
  /** How long what runs for long runs. */
  readonly minutes: number;
  /** One line of progress. */
  readonly say: (line: string) => void;
  /** A team that nobody used before; its space, when it has one, works. */
  newTeam(options?: TenantOptions): Promise<Tenant>;
  /** Removes the team with all it has, and waits until its broker is gone. */
  remove(tenant: Tenant): Promise<void>;
  /** Waits until the stack is whole: every part is ready. Throws when it does not become so. */
  settled(): Promise<void>;
}

export interface TenantOptions {
  /** Without anything in its repository. Default: a space `app`, the addresses, the user `app`. */
  readonly empty?: boolean;
  /** Queues of the space; default `orders` and `store`. */
  readonly addresses?: readonly string[];
  readonly team?: TeamOptions;
}

export interface Tenant {
  readonly team: Team;
  /** Of the user `app`, who may send and receive everywhere; not there yet when the repository is empty. */
  readonly login: Login;
  /** What its repository held first; nothing when it is empty. */
  readonly files: Files;
}

/** Name of the space that a tenant has. */
export const spaceName = 'app';

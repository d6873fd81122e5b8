import type { Binaries } from './binaries.js';
import type { Pki } from './pki.js';
import type { Ports } from './ports.js';
import type { StateDir } from './state.js';

export const partNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'temporal',
  'worker',
  'controller',
  'api',
] as const;

export type PartName = (typeof partNames)[number];

/** Things that are done once while the stack starts, and that parts may wait for like for other parts. */
export type Gate = 'resources';

/** What parts are made from. */
export interface StackContext {
  /** The repository. */
  readonly repository: string;
  readonly state: StateDir;
  readonly ports: Ports;
  readonly binaries: Binaries;
  readonly pki: Pki;
  /** Files by component; see `identities.ts`. */
  readonly kubeconfigs: Readonly<
    Record<'admin' | 'controller-manager' | 'worker' | 'controller' | 'api', string>
  >;
  /** The user's own environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** One process of the stack. */
export interface Part {
  readonly name: PartName;
  readonly needs: readonly (PartName | Gate)[];
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the few variables that every process needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Asked again and again until it says yes; failing counts as no. */
  readonly ready: () => Promise<boolean>;
  /** Whether its work can wait for that of the others, who are asked and have to answer. */
  readonly yields?: true;
  /** How long it may take to stop before it is killed. */
  readonly graceMs: number;
}

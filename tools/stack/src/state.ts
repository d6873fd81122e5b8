import path from 'node:path';

/** Everything that one stack keeps, below one folder. */
export interface StateDir {
  readonly root: string;
  readonly pki: string;
  readonly etcd: string;
  readonly temporal: string;
  readonly brokers: string;
  readonly logs: string;
  /** Who runs: one file for each part, see `processes.ts`. */
  readonly run: string;
  readonly ports: string;
  readonly lock: string;
  /** Addresses and the token, there only while all is ready. */
  readonly env: string;
  readonly demo: string;
}

export function stateDir(root: string): StateDir {
  const at = (name: string): string => path.join(root, name);
  return {
    root,
    pki: at('pki'),
    etcd: at('etcd'),
    temporal: at('temporal.db'),
    brokers: at('brokers'),
    logs: at('logs'),
    run: at('run'),
    ports: at('ports.json'),
    lock: at('stack.lock'),
    env: at('stack.env'),
    demo: at('demo'),
  };
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from '@samband/driver';
import { infraUuid } from '@samband/resources';
import { spaceName, type Tenant } from '../scenario.js';

/** What is killed: a part that all teams share, or the broker of one. */
export const targets = [
  'worker',
  'api',
  'controller',
  'temporal',
  'kube-apiserver',
  'etcd',
  'broker',
] as const;

export type Target = (typeof targets)[number];

/** Process id of the team's broker, when it runs. */
export function brokerOf(stage: Stage, { team }: Tenant): number | undefined {
  const id = infraUuid(team.namespace, spaceName, (text) => createHash('sha256').update(text).digest('hex'));
  const folder = path.join(stage.stateDir, 'brokers', id);
  return stage.brokerPids().find((pid) => folderOf(pid) === folder);
}

function folderOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').at(-2);
  } catch {
    return undefined;
  }
}

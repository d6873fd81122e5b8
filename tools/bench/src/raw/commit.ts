import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ServerAccess } from './api-server.js';
import type { BrokerManagementAccess } from './management.js';

/** What the raw client is told. */
export interface CommitTask {
  readonly server: ServerAccess;
  readonly broker: BrokerManagementAccess;
  readonly namespace: string;
  readonly prefix: string;
  readonly count: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: unknown;
}

/** What N addresses cost when nobody plans, compares, or waits for anybody. */
export interface RawCommit {
  readonly applySeconds: number;
  readonly statusSeconds: number;
  readonly queueSeconds: number;
  /** Peak of the client's resident memory. */
  readonly peakMb: number;
}

export async function runRawCommit(task: CommitTask): Promise<RawCommit> {
  const client = spawn(process.execPath, [fileURLToPath(new URL('commit-client.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  client.stdin.end(JSON.stringify(task));
  const [output, code] = await Promise.all([
    text(client.stdout),
    new Promise<number | null>((resolve, reject) => {
      client.on('error', reject);
      client.on('exit', resolve);
    }),
  ]);
  if (code !== 0) throw new Error(`the raw client ended with ${code ?? 'a signal'}`);
  return JSON.parse(output) as RawCommit;
}

export function totalSeconds({ applySeconds, statusSeconds, queueSeconds }: RawCommit): number {
  return applySeconds + statusSeconds + queueSeconds;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  identify,
  isRunning,
  ownIdentity,
  readProcess,
  readStat,
  signalProcess,
} from './process-identity.js';

let proc: string;

beforeEach(async () => {
  proc = await mkdtemp(path.join(tmpdir(), 'samband-proc-'));
});

afterEach(async () => {
  await rm(proc, { recursive: true });
});

/** A process as the kernel shows it: pid 7, started at tick 42. */
async function showProcess(state: string, threads: readonly number[]): Promise<void> {
  const before = '0 '.repeat(18);
  await mkdir(path.join(proc, '7', 'task'), { recursive: true });
  for (const thread of threads) await mkdir(path.join(proc, '7', 'task', String(thread)));
  await writeFile(path.join(proc, '7', 'stat'), `7 (a (strange) S name) ${state} ${before}42 0 512 0\n`);
}

describe('a process', () => {
  it('is known by its start and the boot, whatever its program is called', async () => {
    await showProcess('S', [7]);
    const [, boot = ''] = ownIdentity().startTime.split('@');
    expect(boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(readStat(7, proc)).toEqual({ startTime: `42@${boot}`, residentMiB: 2 });
  });

  it('that was killed lives until the last of its threads has ended', async () => {
    await showProcess('Z', [7, 8]);
    expect(readStat(7, proc)).toBeDefined();
    await rm(path.join(proc, '7', 'task', '8'), { recursive: true });
    expect(readStat(7, proc)).toBeUndefined();
  });

  it('that is not there, or torn, does not live', async () => {
    expect(readStat(7, proc)).toBeUndefined();
    await showProcess('S', [7]);
    await writeFile(path.join(proc, '7', 'stat'), '7 (half');
    expect(readStat(7, proc)).toBeUndefined();
  });

  it('that cannot be read is not taken for dead', async () => {
    // As with EMFILE: the kernel is there, and does not answer.
    await mkdir(path.join(proc, '7', 'stat'), { recursive: true });
    expect(() => readStat(7, proc)).toThrow('EISDIR');
  });

  it('is seen with its arguments while it runs, and not as its remains', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid ?? 0;
    const identity = identify(pid);
    expect(await readProcess(pid)).toMatchObject({ pid, args: ['sleep', '60'] });
    expect(identity !== undefined && isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(identity !== undefined && isRunning(identity)).toBe(false);
    expect(await readProcess(pid)).toBeUndefined();
  });
});

describe('a signal', () => {
  it('never reaches a process that only has the same pid', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identify(child.pid ?? 0);
    expect(identity).toBeDefined();
    if (identity === undefined) return;
    expect(signalProcess({ ...identity, startTime: '1@another' }, 'SIGKILL')).toBe(false);
    expect(isRunning(identity)).toBe(true);
    expect(signalProcess(identity, 'SIGKILL')).toBe(true);
    await once(child, 'exit');
    expect(signalProcess(identity, 'SIGKILL')).toBe(false);
  });
});

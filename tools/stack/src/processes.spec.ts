import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isRunning, ownIdentity, type ProcessIdentity } from '@samband/processes';
import { endLeftovers, readRecord, recorded } from './processes.js';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-run-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts a recorded process, as the supervisor does, and waits until its record is there. */
async function launch(name: string, script: string): Promise<ProcessIdentity> {
  const file = path.join(folder, name);
  const { command, args } = recorded(file, '/bin/sh', ['-c', script]);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  children.push(child);
  for (;;) {
    const record = await readRecord(file);
    if (record !== undefined) return record;
    await sleep(5);
  }
}

describe('the record of a part', () => {
  it('names the process that the part became', async () => {
    const record = await launch('etcd', 'sleep 60');
    expect(record.pid).toBe(children[0]?.pid);
    expect(isRunning(record)).toBe(true);
  });

  it('is worth nothing once its pid belongs to another process, or to one of another boot', async () => {
    const { pid, startTime } = ownIdentity();
    const [ticks = '', boot = ''] = startTime.split('@');
    const file = path.join(folder, 'api');
    const write = (start: string, since: string): void => {
      writeFileSync(file, `${pid}\n1 (node) S ${'0 '.repeat(18)}${start} 0\n${since}\n`);
    };
    write('7', boot);
    expect(await readRecord(file)).toBeUndefined();
    write(ticks, 'another');
    expect(await readRecord(file)).toBeUndefined();
    write(ticks, boot);
    expect(await readRecord(file)).toEqual({ pid, startTime });
  });

  it('is worth nothing when it is torn', async () => {
    for (const text of ['', `${process.pid}\n`, `${process.pid}\n1 (no`]) {
      writeFileSync(path.join(folder, 'api'), text);
      expect(await readRecord(path.join(folder, 'api'))).toBeUndefined();
    }
  });
});

describe('what an earlier run left', () => {
  it('is ended, by force when it does not listen, and its records are gone', async () => {
    const polite = await launch('worker', 'sleep 60');
    const stubborn = await launch('temporal', 'trap "" TERM; while :; do sleep 0.05; done');
    writeFileSync(path.join(folder, 'api'), '999999999\n\n');
    expect(await endLeftovers(folder)).toEqual(['temporal', 'worker']);
    expect([isRunning(polite), isRunning(stubborn)]).toEqual([false, false]);
    expect(existsSync(path.join(folder, 'worker'))).toBe(false);
  });

  it('is nothing on a new machine', async () => {
    expect(await endLeftovers(path.join(folder, 'none'))).toEqual([]);
    mkdirSync(path.join(folder, 'empty'));
    expect(await endLeftovers(path.join(folder, 'empty'))).toEqual([]);
  });
});

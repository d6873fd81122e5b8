import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify, isRunning, writeAtomically } from '@samband/processes';
import { BrokerFolder } from './broker-folder.js';
import { endBroker } from './broker-process.js';

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'samband-process-'));
});

afterEach(async () => {
  await rm(stateDir, { recursive: true });
});

describe('a broker that was killed', () => {
  it('is waited for, although nothing but its pid tells it any more while its threads end', async () => {
    const folder = new BrokerFolder(stateDir, '0000001');
    const dying = identify(spawn('sleep', ['0.2'], { stdio: 'ignore' }).pid ?? 0);
    if (dying === undefined) throw new Error('sleep ended at once');
    await writeAtomically(folder.pidFile, JSON.stringify(dying));
    expect(await endBroker(folder)).toBe(false);
    expect(isRunning(dying)).toBe(false);
  });
});

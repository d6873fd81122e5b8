import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import { launch, type Launch } from './launcher.js';
import { isRunning, tempFolder } from './test-repository.fixtures.js';

const launcherFile = fileURLToPath(new URL('../launcher.mjs', import.meta.url));

describe('a command that is started by the launcher', () => {
  let folder: ReturnType<typeof tempFolder>;
  let cwd: string;
  let output: string;
  beforeEach(() => {
    folder = tempFolder();
    cwd = folder.dir;
    output = '';
  });
  afterEach(() => {
    folder.remove();
  });

  const command = (script: string, extra: Partial<Launch> = {}): Launch => ({
    binary: '/bin/sh',
    args: ['-c', script],
    cwd,
    env: { WORD: 'hello' },
    onStdout: (chunk) => {
      output += chunk.toString('utf8');
    },
    onStderr: () => undefined,
    ...extra,
  });
  const pidIn = (file: string): Promise<number> =>
    eventually(() => Number(readFileSync(path.join(cwd, file), 'utf8')));

  it('has its own environment and input, and gives output and exit code', async () => {
    const { ended } = launch(command('cat; echo " $WORD"; exit 3', { input: 'well' }));
    expect(await ended).toBe(3);
    expect(output).toBe('well hello\n');
  });

  it('that cannot be started fails with the reason', async () => {
    await expect(launch(command('', { binary: 'no-such-git' })).ended).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(launch(command('', { args: ['\0'] })).ended).rejects.toThrow('null bytes');
  });

  it('ends with everything it started when it is killed', async () => {
    const launched = launch(command('sleep 300 & echo $! > child; wait'));
    const pid = await pidIn('child');
    launched.kill();
    expect(await launched.ended).toBe(-1);
    await eventually(() => !isRunning(pid));
  });

  it('ends when the process that asked for it is killed', async () => {
    const script = `
      import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(launcherFile)}, [], { serialization: 'advanced', execArgv: [] });
      const args = ['-c', 'echo $$ > leader; exec sleep 300'];
      child.send({ id: 1, start: { binary: '/bin/sh', args, cwd: ${JSON.stringify(cwd)}, env: {} } });`;
    const asking = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    const pid = await pidIn('leader');
    asking.kill('SIGKILL');
    await eventually(() => !isRunning(pid));
  });

  it('fails when the launcher is killed, and the next one gets a new launcher', async () => {
    const lost = launch(command('echo $PPID > launcher; exec sleep 300'));
    process.kill(await pidIn('launcher'), 'SIGKILL');
    await expect(lost.ended).rejects.toThrow('the process that starts git has ended');
    expect(await launch(command('exit 0')).ended).toBe(0);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readStackEnv, removeStackEnv, writeStackEnv } from './stack-env.js';

let folder: string;
let file: string;
const env = {
  KUBECONFIG: '/state/kubeconfig',
  SAMBAND_API: 'http://127.0.0.1:1',
  SAMBAND_TOKEN: 'a.b=c.d=',
  TEMPORAL_ADDRESS: '127.0.0.1:2',
  TEMPORAL_UI: 'http://127.0.0.1:3',
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-env-'));
  file = path.join(folder, 'stack.env');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the addresses of a running stack', () => {
  it('are read as they were written, signs of equality in values included', async () => {
    await writeStackEnv(file, env);
    expect(await readStackEnv(file)).toEqual(env);
  });

  it.each(['/my clones/a', "/it's/a 'b'", '/a"$(id)`id`\\/$HOME;&|*?~#', "'/a'", '/é'])(
    'are for a shell what they are for us, in a clone at %s',
    async (clone) => {
      const here = { ...env, KUBECONFIG: `${clone}/.samband/kubeconfig` };
      await writeStackEnv(file, here);
      expect(await readStackEnv(file)).toEqual(here);
      const show = `. "$0"; printf '%s' "$KUBECONFIG $SAMBAND_TOKEN"`;
      expect(execFileSync('/bin/sh', ['-euc', show, file], { encoding: 'utf8', env: {} })).toBe(
        `${here.KUBECONFIG} ${env.SAMBAND_TOKEN}`,
      );
    },
  );

  it('hold a token, so only their owner reads them', async () => {
    await writeStackEnv(file, env);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('are not there before the stack is ready, nor after it stopped', async () => {
    expect(await readStackEnv(file)).toBeUndefined();
    await writeStackEnv(file, env);
    await removeStackEnv(file);
    await removeStackEnv(file);
    expect(await readStackEnv(file)).toBeUndefined();
  });

  it('count only when they are complete', async () => {
    writeFileSync(file, 'KUBECONFIG=/state/kubeconfig\n');
    expect(await readStackEnv(file)).toBeUndefined();
  });
});

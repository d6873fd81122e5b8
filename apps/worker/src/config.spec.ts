import { describe, expect, it } from '@jest/globals';
import { describeProblems, loadConfig } from '@samband/config';
import { workerConfig } from './config.js';

const needed = { SAMBAND_STATE_DIR: '/state', ARTEMIS_HOME: '/artemis' };

describe('the environment of the worker', () => {
  it('needs a folder for its state and a broker to start; no repository may be read until hosts are listed', () => {
    expect(loadConfig(workerConfig, needed)).toMatchObject({
      ok: true,
      config: {
        TEMPORAL_ADDRESS: '127.0.0.1:7233',
        SAMBAND_GIT_HOSTS: [],
        SAMBAND_GIT_ALLOW_FILE: false,
        SAMBAND_WAIT_SECONDS: 300,
      },
    });
  });

  it('says of every variable how to mend it', () => {
    const silent = Object.entries(workerConfig.shape).filter(([, field]) => field.description === undefined);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('names every mistake at once, a wrong key included, and repeats none', () => {
    const result = loadConfig(workerConfig, {
      SAMBAND_STATE_DIR: '/state',
      TEMPORAL_CODEC_KEYS: 'hunter2',
      SAMBAND_GIT_ALLOW_FILE: 'perhaps',
      SAMBAND_WAIT_SECONDS: '1',
    });
    expect(result.ok ? [] : result.problems.map(({ variable }) => variable)).toEqual([
      'TEMPORAL_CODEC_KEYS',
      'ARTEMIS_HOME',
      'SAMBAND_GIT_ALLOW_FILE',
      'SAMBAND_WAIT_SECONDS',
    ]);
    const told = result.ok ? '' : describeProblems(result.problems);
    expect(told).toContain('ARTEMIS_HOME: is not set. Set it to the folder of');
    expect(told).not.toContain('hunter2');
  });
});

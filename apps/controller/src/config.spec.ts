import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@samband/config';
import { controllerConfig } from './config.js';

describe('the environment of the controller', () => {
  it('has a default for everything', () => {
    expect(loadConfig(controllerConfig, {})).toMatchObject({
      ok: true,
      config: { TEMPORAL_ADDRESS: '127.0.0.1:7233', SAMBAND_METRICS_PORT: 0, SAMBAND_LOG_LEVEL: 'info' },
    });
  });

  it('says of every variable how to mend it', () => {
    const silent = Object.entries(controllerConfig.shape).filter(
      ([, field]) => field.description === undefined,
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('names every mistake at once, a wrong key included, and repeats none', () => {
    const result = loadConfig(controllerConfig, {
      TEMPORAL_ADDRESS: 'x',
      TEMPORAL_CODEC_KEYS: 'hunter2',
      SAMBAND_METRICS_PORT: 'http',
      SAMBAND_LOG_LEVEL: 'loud',
    });
    expect(result.ok ? [] : result.problems.map(({ variable }) => variable)).toEqual([
      'TEMPORAL_ADDRESS',
      'TEMPORAL_CODEC_KEYS',
      'SAMBAND_METRICS_PORT',
      'SAMBAND_LOG_LEVEL',
    ]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

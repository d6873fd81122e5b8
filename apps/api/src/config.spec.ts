import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@samband/config';
import { apiConfigSchema } from './config.js';

describe('the environment of the api', () => {
  it('has a default for everything, on the loopback', () => {
    expect(loadConfig(apiConfigSchema, {})).toEqual({
      ok: true,
      config: {
        listen: { host: '127.0.0.1', port: 8080 },
        temporal: { address: '127.0.0.1:7233', namespace: 'default', codecKeys: [] },
        webhooks: { perMinute: 120, burst: 60 },
        logLevel: 'info',
      },
    });
  });

  it('names every mistake at once', () => {
    const result = loadConfig(apiConfigSchema, {
      SAMBAND_API_PORT: 'http',
      SAMBAND_WEBHOOK_RATE: '0',
      TEMPORAL_ADDRESS: 'x',
      TEMPORAL_CODEC_KEYS: 'hunter2',
    });
    expect(result.ok ? [] : result.problems.map(({ variable }) => variable).sort()).toEqual([
      'SAMBAND_API_PORT',
      'SAMBAND_WEBHOOK_RATE',
      'TEMPORAL_ADDRESS',
      'TEMPORAL_CODEC_KEYS',
    ]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

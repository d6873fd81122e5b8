import { describe, expect, it } from '@jest/globals';
import { describeProblems, loadConfig } from '@samband/config';
import { z } from 'zod';
import { envCodecKeys } from './env-codec-keys.js';

const schema = z.object({ TEMPORAL_CODEC_KEYS: envCodecKeys() });
const base64 = Buffer.alloc(32, 7).toString('base64');

describe('the keys of payloads in the environment', () => {
  it('are read, and are seen by nobody who prints them', () => {
    const result = loadConfig(schema, { TEMPORAL_CODEC_KEYS: `k2:${base64},k1:${base64}` });
    const keys = result.ok ? result.config.TEMPORAL_CODEC_KEYS : undefined;
    expect(keys?.reveal().map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(JSON.stringify(result)).toBe('{"ok":true,"config":{"TEMPORAL_CODEC_KEYS":"***"}}');
  });

  it('may be left out', () => {
    const result = loadConfig(schema, {});
    expect(result.ok && result.config.TEMPORAL_CODEC_KEYS.reveal()).toEqual([]);
  });

  it('are a problem that says which entry is wrong, how it must be, and nothing of what was given', () => {
    const result = loadConfig(schema, { TEMPORAL_CODEC_KEYS: `k1:${base64},hunter2` });
    const told = result.ok ? '' : describeProblems(result.problems);
    expect(told).toContain(
      'TEMPORAL_CODEC_KEYS: codec key 2 is not written as <id>:<32 bytes in base64>. Set it to the keys that',
    );
    expect(told).not.toContain('hunter2');
    expect(told).not.toContain(base64);
  });
});

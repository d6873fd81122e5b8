import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  configExitCode,
  envAddress,
  envFlag,
  envInteger,
  envList,
  envParsed,
  envPort,
  loadConfig,
  readConfigOrExit,
  Secret,
} from './index.js';

const schema = z
  .object({
    APP_PORT: envPort().default(8080).describe('the TCP port to listen on, e.g. 8080'),
    APP_TARGET: envAddress().describe('the address of the server, e.g. 127.0.0.1:7233'),
    APP_TOKEN: z
      .string()
      .transform((text) => new Secret(text))
      .describe('the token to log in with'),
    APP_RATE: envInteger({ min: 1, max: 10 }).optional(),
    APP_ON: envFlag().default(false),
    APP_HOSTS: envList().optional(),
  })
  .transform((env) => ({ port: env.APP_PORT, target: env.APP_TARGET, token: env.APP_TOKEN, on: env.APP_ON }));

describe('loadConfig', () => {
  it('makes a typed tree of the environment, with defaults', () => {
    const result = loadConfig(schema, { APP_TARGET: 'localhost:1', APP_TOKEN: 's3cret', APP_ON: 'true' });
    expect(result).toMatchObject({ ok: true, config: { port: 8080, target: 'localhost:1', on: true } });
    expect(result.ok && result.config.token.reveal()).toBe('s3cret');
  });

  it('reports every problem at once, by name, with the way to mend it', () => {
    const result = loadConfig(schema, { APP_PORT: '99999', APP_RATE: '1e3', APP_TARGET: '  ' });
    expect(result).toEqual({
      ok: false,
      problems: [
        {
          variable: 'APP_PORT',
          message: 'must be a whole number from 0 to 65535',
          hint: 'the TCP port to listen on, e.g. 8080',
        },
        {
          variable: 'APP_TARGET',
          message: 'is not set',
          hint: 'the address of the server, e.g. 127.0.0.1:7233',
        },
        { variable: 'APP_TOKEN', message: 'is not set', hint: 'the token to log in with' },
        { variable: 'APP_RATE', message: 'must be a whole number from 1 to 10' },
      ],
    });
  });

  it('does not repeat a value in a problem', () => {
    const result = loadConfig(z.object({ KEY: z.string().max(3) }), { KEY: 'hunter2' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

describe('a variable with a parser of its own', () => {
  const parsed = z.object({
    WORDS: envParsed((text) => {
      if (text.includes('!')) throw new Error('word 1 has a mark');
      return text.split(' ');
    }).describe('words, e.g. a b'),
  });

  it('is what the parser makes of it, and of nothing when it is not set', () => {
    expect(loadConfig(parsed, { WORDS: 'a b' })).toEqual({ ok: true, config: { WORDS: ['a', 'b'] } });
    expect(loadConfig(parsed, {})).toEqual({ ok: true, config: { WORDS: [''] } });
  });

  it('is a problem in the words of the parser', () => {
    expect(loadConfig(parsed, { WORDS: 'a!' })).toEqual({
      ok: false,
      problems: [{ variable: 'WORDS', message: 'word 1 has a mark', hint: 'words, e.g. a b' }],
    });
  });
});

describe('readConfigOrExit', () => {
  it('ends the process with code 78 after naming every variable', () => {
    const written: string[] = [];
    const exit = (code: number): never => {
      throw new Error(`exit ${code}`);
    };
    expect(() => readConfigOrExit(schema, {}, { write: (text) => written.push(text), exit })).toThrow(
      `exit ${configExitCode}`,
    );
    expect(written.join('')).toContain('APP_TARGET: is not set. Set it to the address of the server');
    expect(written.join('')).toContain('APP_TOKEN: is not set');
  });
});

describe('Secret', () => {
  it('prints as *** wherever it is printed', () => {
    const secret = new Secret('hunter2');
    const printed = [
      secret.toString(),
      String(secret),
      'a' + String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }, { showHidden: true, depth: 10 }),
      JSON.stringify(Object.entries(secret)),
    ].join(' ');
    expect(printed).not.toContain('hunter2');
    expect(printed).toContain('***');
    expect(secret.reveal()).toBe('hunter2');
  });
});

import { describe, expect, it } from '@jest/globals';
import { createLogger, redact } from './index.js';

function capture(): { lines: string[]; destination: { write(line: string): void } } {
  const lines: string[] = [];
  return { lines, destination: { write: (line) => void lines.push(line) } };
}

describe('createLogger', () => {
  it('writes one JSON object per line with time, level, name, message and facts', () => {
    const { lines, destination } = capture();
    createLogger({ name: 'api', destination }).child({ source: 'team/app' }).warn('late', { seconds: 3 });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({
      level: 'warn',
      name: 'api',
      message: 'late',
      source: 'team/app',
      seconds: 3,
    });
    expect(Date.parse(String(line['time']))).not.toBeNaN();
  });

  it('keeps quiet below its level', () => {
    const { lines, destination } = capture();
    createLogger({ name: 'api', level: 'warn', destination }).info('hello');
    expect(lines).toEqual([]);
  });

  it.each([
    ['a password', { user: { login: { password: 'hunter2' } } }],
    ['an Authorization header', { headers: { Authorization: 'hunter2' } }],
    ['a token', { token: 'hunter2' }],
    ['a TLS key', { endpoint: { cert: { tlsKey: 'hunter2' } } }],
    [
      'the data of a Secret',
      { object: { kind: 'Secret', data: { ca: 'hunter2' }, stringData: { x: 'hunter2' } } },
    ],
    ['credentials in a URL', { url: 'https://bob:hunter2@git.example/x.git' }],
    [
      'credentials in the cause of an error',
      { error: new Error('no', { cause: new Error('ssh://a:hunter2@h/x') }) },
    ],
    ['a bearer token in a text', { text: 'sent Bearer hunter2hunter2' }],
    ['a secret in a list', { items: [{ items: [{ password: 'hunter2' }] }] }],
  ])('masks %s', (_what, facts) => {
    const { lines, destination } = capture();
    const logger = createLogger({ name: 'api', destination });
    logger.info('event', facts);
    logger.child(facts).info('event');
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('***');
  });

  it('masks credentials in the message itself', () => {
    const { lines, destination } = capture();
    createLogger({ name: 'api', destination }).info('cloning https://bob:hunter2@git.example/x.git');
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('spells out an error with its code and causes', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'CONFLICT' });
    expect(redact({ error })).toMatchObject({
      error: { name: 'Error', code: 'CONFLICT', message: 'outer', cause: { message: 'inner' } },
    });
  });
});

describe('redact', () => {
  it('ends on circular, deep and long values', () => {
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    let deep: unknown = 'bottom';
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    const text = JSON.stringify(
      redact({ loop, deep, long: 'x'.repeat(1_000_000), many: Array(10_000).fill(1) }),
    );
    expect(text.length).toBeLessThan(6000);
    expect(text).toContain('[circular]');
    expect(text).toContain('[deep]');
    expect(text).toContain('[9900 more]');
  });

  it('logs the keys of a Secret', () => {
    expect(redact({ data: { 'ca.crt': 'x' } })).toEqual({ data: { 'ca.crt': '***' } });
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensurePki } from './pki.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-pki-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
}

describe('the certificates of a stack', () => {
  it('are made once and kept', async () => {
    await ensurePki(folder);
    const first = contents();
    await ensurePki(folder);
    expect(contents()).toEqual(first);
  });

  it('can be read by their owner only', async () => {
    await ensurePki(folder);
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
  });

  it('have a token for each component, which names it by its service account and gives it no group', async () => {
    const { tokens, files } = await ensurePki(folder);
    const account = 'system:serviceaccount:enmasse-infra:samband-worker';
    expect(readFileSync(files.tokens, 'utf8').split('\n')).toContain(
      `${tokens.worker},${account},${account},`,
    );
    expect(new Set(Object.values(tokens)).size).toBe(5);
  });

  it('are made anew when a crash tore them, under the same authority', async () => {
    const { ca } = await ensurePki(folder);
    truncateSync(path.join(folder, 'server.pem'), 100);
    expect((await ensurePki(folder)).ca).toBe(ca);
    expect(readFileSync(path.join(folder, 'server.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerFileNames } from '@samband/artemis';
import { brokerFilesIn } from './broker-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'samband-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('files of a broker', () => {
  it('are written when they differ, readable by the owner only, without traces', async () => {
    const files = brokerFilesIn(folder);
    const content = { [brokerFileNames.users]: 'a = b\n', [brokerFileNames.roles]: 'r = a\n' };
    expect(await files.write(content)).toEqual([brokerFileNames.users, brokerFileNames.roles]);
    expect(await files.write({ ...content, [brokerFileNames.roles]: 'r = a,b\n' })).toEqual([
      brokerFileNames.roles,
    ]);
    expect(await files.read(brokerFileNames.roles)).toBe('r = a,b\n');
    expect(await files.read(brokerFileNames.tls)).toBeUndefined();
    const { mode } = await stat(path.join(folder, brokerFileNames.users));
    expect(mode & 0o777).toBe(0o600);
    expect((await readdir(path.join(folder, 'live'))).sort()).toEqual([
      'roles.properties',
      'users.properties',
    ]);
  });

  it('get a later stamp each time, ahead of the clock, or Artemis would miss the change', async () => {
    const files = brokerFilesIn(folder);
    let before = Date.now();
    for (const text of ['1', '2', '3']) {
      await files.write({ [brokerFileNames.users]: text });
      const { mtimeMs } = await stat(path.join(folder, brokerFileNames.users));
      expect(Math.floor(mtimeMs)).toBeGreaterThan(before);
      before = Math.floor(mtimeMs);
    }
  });

  it.each([
    '../x',
    'live/../../x',
    '/etc/passwd',
    brokerFileNames.brokerXml,
    brokerFileNames.loginConfig,
    'broker.json',
    '',
  ])('do not lead to %j', async (name) => {
    const files = brokerFilesIn(folder);
    await expect(files.write({ [name]: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(files.read(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await readdir(folder)).toEqual([]);
  });
});

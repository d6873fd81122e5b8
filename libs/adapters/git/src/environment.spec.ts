import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { baseEnvironment, gitConfig, openAccess, sshConfig } from './environment.js';
import { toGitError } from './git-errors.js';
import { vetUrl } from './remote-url.js';

const rules = { allowFile: true, allowedHosts: ['github.com'] };
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'samband-git-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('what git gets to know', () => {
  it('is our configuration only, which git understands', () => {
    const file = path.join(dir, 'gitconfig');
    writeFileSync(file, gitConfig({ allowFile: true, caFile: '/a "b"/ca.pem' }));
    const read = (key: string): string =>
      execFileSync('git', ['config', '--global', '--get', key], {
        env: baseEnvironment({ dir, configFile: file }, true),
        cwd: dir,
      })
        .toString()
        .trim();
    expect(read('protocol.allow')).toBe('never');
    expect(read('protocol.file.allow')).toBe('always');
    expect(read('core.hookspath')).toBe('/dev/null');
    expect(read('http.sslcainfo')).toBe('/a "b"/ca.pem');
    expect(read('safe.directory')).toBe('*');
  });

  it('forbids file:// and foreign owners where files are not allowed', () => {
    const config = gitConfig({ allowFile: false });
    expect(config).toContain('[protocol "file"]\n\tallow = never');
    expect(config).not.toContain('[safe]');
  });

  it('holds nothing of this process’s environment but PATH', () => {
    process.env['GIT_DIR'] = '/tmp/elsewhere';
    try {
      const env = baseEnvironment({ dir, configFile: 'x' }, false);
      expect(env['GIT_DIR']).toBeUndefined();
      expect(
        Object.keys(env).filter((key) => process.env[key] !== undefined && process.env[key] === env[key]),
      ).toEqual(expect.arrayContaining(['PATH']));
      expect(env['HOME']).toBe(dir);
      expect(env['GIT_ALLOW_PROTOCOL']).toBe('https:ssh');
    } finally {
      delete process.env['GIT_DIR'];
    }
  });
});

describe('credentials', () => {
  const https = vetUrl('https://github.com/a/b', rules);
  const ssh = vetUrl('git@github.com:a/b', rules);

  it('of https are a header for that server only', async () => {
    const access = await openAccess(https, { type: 'basic', username: 'u', password: 'hünter2' }, dir);
    expect(access.env['GIT_CONFIG_KEY_0']).toBe('http.https://github.com/.extraHeader');
    const header = access.env['GIT_CONFIG_VALUE_0'] ?? '';
    expect(Buffer.from(header.replace('Authorization: Basic ', ''), 'base64').toString()).toBe('u:hünter2');
  });

  it('of ssh are files that only we may read, and that are gone afterwards', async () => {
    const access = await openAccess(
      ssh,
      { type: 'ssh', identity: 'KEY', knownHosts: 'github.com ssh-ed25519 AAAA\n' },
      dir,
    );
    const [folder = ''] = readdirSync(dir);
    const file = (name: string): string => path.join(dir, folder, name);
    expect(readFileSync(file('identity'), 'utf8')).toBe('KEY\n');
    for (const name of ['identity', 'known_hosts', 'config'])
      expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    expect(access.env['GIT_SSH_COMMAND']).toBe(`ssh -F '${file('config')}'`);
    expect(JSON.stringify(access.env)).not.toContain('KEY');
    await access.dispose();
    expect(existsSync(path.join(dir, folder))).toBe(false);
  });

  it('of ssh are used with the given host keys and nothing else', () => {
    const config = sshConfig('/k "1"/identity', '/k/known_hosts');
    for (const line of [
      'BatchMode yes',
      'StrictHostKeyChecking yes',
      'IdentitiesOnly yes',
      'IdentityAgent none',
      'PasswordAuthentication no',
      'GlobalKnownHostsFile /dev/null',
      'IdentityFile "/k \\"1\\"/identity"',
      'UserKnownHostsFile "/k/known_hosts"',
    ]) {
      expect(config.split('\n')).toContain(`  ${line}`);
    }
  });

  it('that do not fit the URL are refused by name', async () => {
    const basic = { type: 'basic', username: 'u', password: 'p' } as const;
    await expect(openAccess(ssh, basic, dir)).rejects.toMatchObject({
      code: 'GIT_UNAUTHENTICATED',
      message: expect.stringContaining('identity'),
    });
    await expect(openAccess(ssh, undefined, dir)).rejects.toMatchObject({ code: 'GIT_UNAUTHENTICATED' });
    const key = { type: 'ssh', identity: 'k', knownHosts: '' } as const;
    await expect(openAccess(https, key, dir)).rejects.toMatchObject({
      code: 'GIT_UNAUTHENTICATED',
      message: expect.stringContaining('username'),
    });
  });
});

describe('what git says when it fails', () => {
  it.each([
    [
      "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
      'GIT_UNAUTHENTICATED',
    ],
    [
      "fatal: unable to access 'https://github.com/a/': The requested URL returned error: 403",
      'GIT_UNAUTHENTICATED',
    ],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'GIT_UNAUTHENTICATED'],
    ['git@github.com: Permission denied (publickey).', 'GIT_UNAUTHENTICATED'],
    ["fatal: repository 'https://github.com/a/' not found", 'GIT_UNAVAILABLE'],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'GIT_UNAVAILABLE'],
    ["fatal: unable to access 'https://x/': server certificate verification failed.", 'GIT_UNAVAILABLE'],
    ['something entirely new', 'GIT_UNAVAILABLE'],
    ['', 'GIT_UNAVAILABLE'],
  ])('%j is %s, and names the repository', (stderr, code) => {
    const error = toGitError('https://github.com/a', stderr, []);
    expect(error.code).toBe(code);
    expect(error.message).toContain('https://github.com/a');
  });

  it('says where operations can add the CA of a server that is not trusted', () => {
    const stderr = "fatal: unable to access 'https://x/': server certificate verification failed.";
    expect(toGitError('https://x', stderr, []).message).toContain("the worker's SAMBAND_GIT_CA_FILE");
  });

  it('never repeats a secret, what the server said, or what steers a terminal', () => {
    const stderr = 'remote: your token is dTpodW50ZXIy\nfatal: bad hunter2 \u001b[2J dTpodW50ZXIy';
    const { message } = toGitError('https://github.com/a', stderr, ['dTpodW50ZXIy', 'hunter2']);
    expect(message).not.toMatch(/hunter2|dTpodW50ZXIy|your token/);
    expect(message).not.toContain('\u001b');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SambandError } from '@samband/errors';
import type { GitCredentials } from '@samband/gitops';
import type { GitOptions } from './options.js';
import type { VettedUrl } from './remote-url.js';

/**
 * git's only configuration file: no system's, no user's. It is a file and not variables, because git hides
 * variables from the upload-pack that it starts for `file://`, which must know `safe.directory`.
 */
export function gitConfig({ allowFile, caFile }: Pick<GitOptions, 'allowFile' | 'caFile'>): string {
  const settings: Record<string, Record<string, string>> = {
    core: {
      hooksPath: '/dev/null',
      attributesFile: '/dev/null',
      fsmonitor: 'false',
      symlinks: 'false',
      // Larger blobs are streamed to disk instead of being held in memory while a pack is indexed.
      bigFileThreshold: '1m',
    },
    credential: { helper: '' },
    protocol: { allow: 'never', version: '2' },
    'protocol "https"': { allow: 'always' },
    'protocol "ssh"': { allow: 'always' },
    'protocol "file"': { allow: allowFile ? 'always' : 'never' },
    'protocol "ext"': { allow: 'never' },
    http: {
      // A redirect could lead to a host that is not listed, with the credentials.
      followRedirects: 'false',
      lowSpeedLimit: '1000',
      lowSpeedTime: '20',
      sslVerify: 'true',
      ...(caFile === undefined ? {} : { sslCAInfo: quoted(path.resolve(caFile)) }),
    },
    transfer: { bundleURI: 'false', credentialsInUrl: 'die' },
    fetch: { recurseSubmodules: 'false', writeCommitGraph: 'false', unpackLimit: '1' },
    submodule: { recurse: 'false' },
    gc: { auto: '0' },
    maintenance: { auto: 'false' },
    pack: { threads: '1' },
    init: { templateDir: '' },
    ssh: { variant: 'ssh' },
    ...(allowFile ? { safe: { directory: quoted('*') } } : {}),
  };
  return Object.entries(settings)
    .map(([section, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `\t${key} = ${value}\n`);
      return `[${section}]\n${lines.join('')}`;
    })
    .join('');
}

/** Everything a git process gets to know of its surroundings. */
export function baseEnvironment(
  { dir, configFile }: { readonly dir: string; readonly configFile: string },
  allowFile: boolean,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: dir,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: configFile,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: path.dirname(dir),
    // Said twice: the configuration is a file, and files can vanish.
    GIT_ALLOW_PROTOCOL: allowFile ? 'https:ssh:file' : 'https:ssh',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
  };
}

export interface RemoteAccess {
  readonly env: Readonly<Record<string, string>>;
  /** What must not stand in any message. */
  readonly secrets: readonly string[];
  /** Removes what was written for ssh. */
  readonly dispose: () => Promise<void>;
}

/**
 * How a command that talks to the remote proves who we are: https by a header that only this server gets, set in the
 * environment; ssh by files of mode 0600 that live as long as the command. Neither is ever an argument.
 */
export async function openAccess(
  remote: VettedUrl,
  credentials: GitCredentials | undefined,
  cacheDir: string,
): Promise<RemoteAccess> {
  if (remote.protocol === 'ssh') {
    if (credentials?.type !== 'ssh')
      throw mismatch('ssh needs a Secret with the keys identity and known_hosts');
    return openSsh(credentials, cacheDir);
  }
  const none: RemoteAccess = { env: {}, secrets: [], dispose: () => Promise.resolve() };
  if (remote.protocol === 'file' || credentials === undefined) return none;
  if (credentials.type !== 'basic')
    throw mismatch('https needs a Secret with the keys username and password');
  const token = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64');
  return {
    ...none,
    env: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${remote.origin}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${token}`,
    },
    secrets: [token, credentials.password],
  };
}

async function openSsh(
  { identity, knownHosts }: GitCredentials & { type: 'ssh' },
  cacheDir: string,
): Promise<RemoteAccess> {
  const dir = await mkdtemp(path.join(cacheDir, 'ssh-'));
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(dir, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  // Keys pasted into a Secret often lack the newline that ssh insists on.
  const key = await write('identity', identity.endsWith('\n') ? identity : `${identity}\n`);
  const hosts = await write('known_hosts', knownHosts);
  const config = await write('config', sshConfig(key, hosts));
  return {
    // The one thing of git's that goes through a shell: it holds nothing but our own path.
    env: { GIT_SSH_COMMAND: `ssh -F '${config.replaceAll("'", `'\\''`)}'` },
    secrets: [],
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}

export function sshConfig(identityFile: string, knownHostsFile: string): string {
  const settings: Record<string, string> = {
    BatchMode: 'yes',
    IdentityFile: quoted(identityFile),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: quoted(knownHostsFile),
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    ProxyCommand: 'none',
    PermitLocalCommand: 'no',
    ForwardAgent: 'no',
    ClearAllForwardings: 'yes',
    ConnectTimeout: '10',
    ServerAliveInterval: '10',
  };
  return `Host *\n${Object.entries(settings)
    .map(([key, value]) => `  ${key} ${value}\n`)
    .join('')}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function mismatch(why: string): SambandError {
  return new SambandError(
    'GIT_UNAUTHENTICATED',
    `the credentials do not fit the URL: ${why} (spec.credentialsRef)`,
  );
}

import { SambandError } from '@samband/errors';

/** A URL that was looked at and may be given to git. */
export interface VettedUrl {
  readonly protocol: 'file' | 'https' | 'ssh';
  /** As git gets it. */
  readonly url: string;
  /** For messages: never holds a secret, because URLs that do are refused. */
  readonly shown: string;
  /** `https://host:port/`, for settings of that server only. */
  readonly origin: string;
}

export interface UrlRules {
  readonly allowFile: boolean;
  readonly allowedHosts: readonly string[];
}

const defaultPorts = { https: '443', ssh: '22' } as const;
const scpForm = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):([^-/:][^:]*)$/;
// Encoded control characters would reach credential helpers and servers decoded.
const encodedControl = /%(?:[01][0-9a-f]|7f)/i;
const unsafeCharacter = /[\0-\x20\x7f-\x9f\\]/;

/**
 * Lets through only what is listed: `https://host/path`, `ssh://user@host/path`, `user@host:path`, and `file:///path`
 * when that is allowed. Everything else, options and remote helpers (`ext::`) included, is GIT_URL_REFUSED.
 */
export function vetUrl(url: string, rules: UrlRules): VettedUrl {
  if (url.length > 2048 || unsafeCharacter.test(url) || encodedControl.test(url)) {
    throw refused(
      'it holds white space, control characters or a backslash, or is longer than 2048 characters',
    );
  }
  if (url.startsWith('-')) throw refused('it begins with -');
  if (/[?#]/.test(url)) throw refused('it holds ? or #');
  if (url.startsWith('file://')) return vetFile(url, rules);
  const scp = scpForm.exec(url);
  if (scp !== null) {
    const [, user = '', host = '', path = ''] = scp;
    // Not decoded: git gives this form to the server as it stands.
    if (path.split('/').includes('..')) throw refused('its path holds ..');
    allowHost(host, defaultPorts.ssh, 'ssh', rules);
    return { protocol: 'ssh', url, shown: `${user}@${host}:${path}`, origin: `ssh://${host}/` };
  }
  if (url.startsWith('https://') || url.startsWith('ssh://')) return vetNetwork(url, rules);
  throw refused('use https://…, ssh://… or user@host:path');
}

function vetFile(url: string, { allowFile }: UrlRules): VettedUrl {
  if (!allowFile) throw refused('file:// is only allowed on a local stack: use https:// or ssh://');
  const path = decode(url.slice('file://'.length));
  if (!path.startsWith('/')) throw refused('file:// takes an absolute path: file:///srv/repository');
  if (path.split('/').includes('..')) throw refused('its path holds ..');
  return { protocol: 'file', url, shown: url, origin: 'file:///' };
}

function vetNetwork(url: string, rules: UrlRules): VettedUrl {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw refused('it is no URL, or its port is not between 1 and 65535');
  }
  const protocol = parsed.protocol === 'https:' ? 'https' : 'ssh';
  if (parsed.password !== '')
    throw refused('it carries a password: put it into a Secret, see spec.credentialsRef');
  if (protocol === 'https' && parsed.username !== '') {
    throw refused('it carries a user name: put it into a Secret, see spec.credentialsRef');
  }
  if (!/^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(parsed.username))
    throw refused('its user name is not a plain word');
  const path = decode(parsed.pathname);
  if (path === '/' || path === '') throw refused('it names no repository');
  if (decode(url).split('/').includes('..')) throw refused('its path holds ..');
  const host = parsed.hostname;
  if (host === '' || host.startsWith('-')) throw refused('it names no host');
  if (parsed.port === '0') throw refused('its port is not between 1 and 65535');
  const port = parsed.port === '' ? defaultPorts[protocol] : parsed.port;
  // What is read into it here (`https:///host`, full-width letters) another program may read otherwise.
  const written = /^[a-z]+:\/\/(?:[^/@]*@)?([^/]*)/.exec(url)?.[1]?.toLowerCase();
  const plain = host.toLowerCase();
  if (written !== plain && written !== `${plain}:${port}`) throw refused('its host is not written plainly');
  allowHost(host, port, protocol, rules);
  const origin = `${protocol}://${host}${parsed.port === '' ? '' : `:${parsed.port}`}/`;
  return { protocol, url, shown: url, origin };
}

function allowHost(host: string, port: string, protocol: 'https' | 'ssh', { allowedHosts }: UrlRules): void {
  const name = host.toLowerCase();
  const isAllowed = allowedHosts.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed === `${name}:${port}` || (allowed === name && port === defaultPorts[protocol]);
  });
  if (isAllowed) return;
  const where = port === defaultPorts[protocol] ? name : `${name}:${port}`;
  throw refused(
    `the host ${where.slice(0, 253)} is not among the allowed ones: ask operations to list it in the worker's SAMBAND_GIT_HOSTS`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('its % signs are no encoding');
  }
}

/** The URL itself is not repeated: what is wrong with it may be a password in it. */
function refused(why: string): SambandError {
  return new SambandError('GIT_URL_REFUSED', `the repository's URL (spec.url) is refused: ${why}`);
}

import { SambandError, type ErrorCode } from '@samband/errors';
import { shorten } from './shorten.js';

interface Reading {
  readonly sign: RegExp;
  readonly code: ErrorCode;
  readonly say: (remote: string) => string;
}

/** What git says on standard error (LC_ALL=C), and what it means. The first that fits counts. */
const readings: readonly Reading[] = [
  {
    sign: /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]|terminal prompts disabled|HTTP Basic: Access denied/i,
    code: 'GIT_UNAUTHENTICATED',
    say: (remote) =>
      `${remote} refuses the credentials, or asks for some: check the Secret of spec.credentialsRef (username, password)`,
  },
  {
    sign: /Host key verification failed|REMOTE HOST IDENTIFICATION|No \S+ host key is known/i,
    code: 'GIT_UNAUTHENTICATED',
    say: (remote) =>
      `the host key of ${remote} is not in known_hosts of the Secret of spec.credentialsRef: add it there`,
  },
  {
    sign: /Permission denied|Load key|invalid format|error in libcrypto/i,
    code: 'GIT_UNAUTHENTICATED',
    say: (remote) =>
      `${remote} refuses the ssh key, or may not be read: check identity in the Secret of spec.credentialsRef`,
  },
  {
    sign: /returned error: 30\d|redirection|redirect/i,
    code: 'GIT_UNAVAILABLE',
    say: (remote) =>
      `${remote} redirects elsewhere, which is not followed: write the final URL (it often ends with .git)`,
  },
  {
    sign: /not found|does not appear to be a git repository|does not exist|returned error: 404/i,
    code: 'GIT_UNAVAILABLE',
    say: (remote) => `there is no repository at ${remote}, or these credentials may not see it`,
  },
  {
    sign: /SSL certificate|server certificate|certificate verify/i,
    code: 'GIT_UNAVAILABLE',
    say: (remote) =>
      `the certificate of ${remote} is not trusted: operations can add its CA to the worker's SAMBAND_GIT_CA_FILE`,
  },
  {
    sign: /Could not resolve|Connection refused|timed out|No route to host|Failed to connect|Connection (?:was )?reset|Operation too slow/i,
    code: 'GIT_UNAVAILABLE',
    say: (remote) => `${remote} cannot be reached`,
  },
];

/** A failed command as an error for people. What the server itself said (`remote: …`) is left out: it may say anything. */
export function toGitError(remote: string, stderr: string, secrets: readonly string[]): SambandError {
  const own = stderr
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !/^\s*remote:/.test(line))
    .join(' ');
  const detail = shorten(redact(own, secrets), 300);
  const reading = readings.find(({ sign }) => sign.test(own));
  if (reading === undefined) {
    return new SambandError(
      'GIT_UNAVAILABLE',
      `git could not read ${remote}: ${detail === '' ? 'it gave no reason' : detail}`,
    );
  }
  return new SambandError(reading.code, `${reading.say(remote)} (${detail})`);
}

/** Whether a server will not give out a commit by its sha, or does not have it. */
export function isShaRefused(stderr: string): boolean {
  return /unadvertised object|not our ref|couldn't find remote ref|no such remote ref|upload-pack: not our ref/i.test(
    stderr,
  );
}

/** Whether git stumbled over its own files: then only a new cache helps. */
export function isCacheDamaged(stderr: string): boolean {
  return /objects\/pack|bad object|corrupt|unknown object type|loose object|unable to read (?:tree|sha1)|inflate/i.test(
    stderr,
  );
}

function redact(text: string, secrets: readonly string[]): string {
  let clean = text.replace(/[\0-\x1f\x7f-\x9f]/g, ' ');
  for (const secret of secrets) {
    if (secret.length >= 3) clean = clean.replaceAll(secret, '***');
  }
  return clean;
}

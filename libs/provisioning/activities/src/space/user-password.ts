import {
  passwordFault,
  passwordSource,
  secretText,
  withoutLineEnd,
  type MessagingUser,
  type Reason,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import { secretRef } from './refs.js';
import { ensureGeneratedSecret } from './user-secret.js';

export type FoundPassword =
  | { readonly ok: true; readonly password: string; readonly generatedInto?: string }
  /** `retry`: it may come right without a change of the user. */
  | { readonly ok: false; readonly reason: Reason; readonly message: string; readonly retry: boolean };

/**
 * The password of a user, from wherever it is. A line break at its end is no part of it.
 * @param mayMake whether one that is to be generated is made now when it is not there
 */
export async function passwordOf(
  ports: Ports,
  user: MessagingUser,
  mayMake: boolean,
): Promise<FoundPassword> {
  const source = passwordSource(user);
  const namespace = user.metadata.namespace ?? '';
  const missing = (message: string): FoundPassword => ({
    ok: false,
    reason: 'UnknownSecret',
    message,
    retry: true,
  });
  switch (source?.from) {
    case undefined:
      return missing('the user has no password');
    case 'inline': {
      // What planning refuses, kubectl takes.
      const text = Buffer.from(source.base64, 'base64').toString('utf8');
      return usable(text, 'the password', 'give another one, or none to have one generated', false);
    }
    case 'generated': {
      const made = await ensureGeneratedSecret(ports, user, source.name, mayMake);
      return made.ok ? made : missing(made.message);
    }
    case 'secret': {
      const secret = await ports.store.get(secretRef(namespace, source.name));
      if (secret === undefined)
        return missing(
          `Secret ${source.name} does not exist in ${namespace}; create it with the key ${source.key}`,
        );
      const text = secretText(secret, source.key);
      return text === undefined || text === ''
        ? missing(`Secret ${source.name} has no key ${source.key}; add it`)
        : usable(text, `the password in Secret ${source.name}`, 'put another one there', true);
    }
  }
}

function usable(text: string, what: string, advice: string, retry: boolean): FoundPassword {
  const password = withoutLineEnd(text);
  const fault = passwordFault(password);
  return fault === undefined
    ? { ok: true, password }
    : { ok: false, reason: 'Invalid', message: `${what} ${fault}; ${advice}`, retry };
}

import { passwordSource, secretText, type MessagingUser } from '@samband/resources';
import type { Ports } from '../ports.js';
import { secretRef } from './refs.js';
import { ensureGeneratedSecret } from './user-secret.js';

export async function passwordOf(
  ports: Ports,
  user: MessagingUser,
): Promise<
  { ok: true; password: string; generatedInto?: string } | { ok: false; message: string; isInvalid?: boolean }
> {
  const source = passwordSource(user);
  const namespace = user.metadata.namespace ?? '';
  switch (source?.from) {
    case undefined:
      return { ok: false, message: 'the user has no password' };
    case 'inline': {
      const password = Buffer.from(source.base64, 'base64').toString('utf8');
      // Objects from before the schema refused it.
      return password === ''
        ? {
            ok: false,
            message: 'the password is empty; give one, or none to have one generated',
            isInvalid: true,
          }
        : { ok: true, password };
    }
    case 'generated':
      return ensureGeneratedSecret(ports, user, source.name);
    case 'secret': {
      const secret = await ports.store.get(secretRef(namespace, source.name));
      if (secret === undefined)
        return {
          ok: false,
          message: `Secret ${source.name} does not exist in ${namespace}; create it with the key ${source.key}`,
        };
      const password = secretText(secret, source.key);
      return password === undefined || password === ''
        ? { ok: false, message: `Secret ${source.name} has no key ${source.key}; add it` }
        : { ok: true, password };
    }
  }
}

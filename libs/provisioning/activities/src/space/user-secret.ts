import { secretData, secretText, type KubeObject, type MessagingUser } from '@samband/resources';
import type { Ports } from '../ports.js';
import { secretRef } from './refs.js';

/**
 * The Secret that a generated password lives in: made once, owned by the user, so that it goes with it. One that
 * exists and belongs to somebody else is never touched.
 */
export async function ensureGeneratedSecret(
  ports: Ports,
  user: MessagingUser,
  name: string,
  mayMake: boolean,
): Promise<{ ok: true; password: string; generatedInto: string } | { ok: false; message: string }> {
  const namespace = user.metadata.namespace ?? '';
  const present = await ports.store.get(secretRef(namespace, name));
  if (present === undefined && !mayMake) return { ok: false, message: `Secret ${name} is not made yet` };
  const secret = present ?? (await make(ports, user, namespace, name));
  const owned = secret.metadata.ownerReferences?.some(({ uid }) => uid === user.metadata.uid) === true;
  if (!owned) {
    return {
      ok: false,
      message: `Secret ${name} exists and is not of this user; name another one in generateSecret, or use passwordSecretRef`,
    };
  }
  const password = secretText(secret, 'password');
  return password === undefined || password === ''
    ? { ok: false, message: `Secret ${name} has lost its key password; delete it, and it is made anew` }
    : { ok: true, password, generatedInto: name };
}

async function make(
  { store, randomBytes }: Ports,
  user: MessagingUser,
  namespace: string,
  name: string,
): Promise<KubeObject> {
  try {
    return await store.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace,
        ownerReferences: [
          {
            apiVersion: user.apiVersion,
            kind: user.kind,
            name: user.metadata.name,
            uid: user.metadata.uid ?? '',
            controller: true,
          },
        ],
      },
      data: secretData({
        username: user.spec.username,
        password: Buffer.from(randomBytes(24)).toString('base64url'),
      }),
    });
  } catch (error) {
    // Made meanwhile by another attempt at this very step.
    const other = await store.get(secretRef(namespace, name));
    if (other === undefined) throw error;
    return other;
  }
}

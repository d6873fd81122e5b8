import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SaslClient } from './sasl.js';

export type ScramHash = 'sha256' | 'sha512';

/** More would let a server keep this process busy; less is forbidden by RFC 7677 section 4. */
const iterationLimits = { min: 4096, max: 1_000_000 };

/**
 * The client side of SCRAM without channel binding (RFC 5802, RFC 7677). The server's signature is verified:
 * a server that does not know the verifier cannot make the client believe that it logged in.
 *
 * @param nonce only for tests with known vectors
 */
export function createScramClient(
  hash: ScramHash,
  username: string,
  password: string,
  nonce = randomBytes(24).toString('base64'),
): SaslClient {
  const firstBare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  let expected: Buffer | undefined;
  let satisfied = false;

  const final = async (serverFirst: string): Promise<Buffer> => {
    const { r: combined = '', s: salt = '', i: iterations = '' } = attributes(serverFirst);
    if (!combined.startsWith(nonce) || combined.length === nonce.length) {
      throw new Error('the server did not continue the nonce');
    }
    const count = Number(iterations);
    if (!Number.isInteger(count) || count < iterationLimits.min || count > iterationLimits.max) {
      throw new Error('the server asks for an unacceptable number of iterations');
    }
    const salted = await derive(hash, password, Buffer.from(salt, 'base64'), count);
    const clientKey = hmac(hash, salted, 'Client Key');
    const storedKey = createHash(hash).update(clientKey).digest();
    const withoutProof = `c=biws,r=${combined}`;
    const authMessage = `${firstBare},${serverFirst},${withoutProof}`;
    const signature = hmac(hash, storedKey, authMessage);
    expected = hmac(hash, hmac(hash, salted, 'Server Key'), authMessage);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  };

  const verify = (serverFinal: string): void => {
    const received = Buffer.from(attributes(serverFinal)['v'] ?? '', 'base64');
    satisfied = expected?.length === received.length && timingSafeEqual(expected, received);
  };

  return {
    start: (reply) => {
      reply(undefined, Buffer.from(`n,,${firstBare}`));
    },
    step: (challenge, reply) => {
      const text = challenge.toString('utf8');
      if (expected !== undefined) {
        verify(text);
        reply(satisfied ? undefined : new Error('the server does not know the password'), Buffer.alloc(0));
        return;
      }
      final(text).then(
        (response) => {
          reply(undefined, response);
        },
        (error: unknown) => {
          reply(error);
        },
      );
    },
    heed: (data) => {
      verify(data.toString('utf8'));
    },
    isSatisfied: () => satisfied,
  };
}

function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(
    message
      .split(',')
      .filter((part) => part[1] === '=')
      .map((part) => [part.slice(0, 1), part.slice(2)]),
  );
}

function derive(hash: ScramHash, password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password.normalize('NFKC'), salt, iterations, hash === 'sha256' ? 32 : 64, hash, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function hmac(hash: ScramHash, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text, 'utf8').digest();
}

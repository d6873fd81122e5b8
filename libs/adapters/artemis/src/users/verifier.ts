import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordVerifier } from '@samband/topology';

/** 32 bytes each; the same password with the same salts gives the same verifier. */
export interface VerifierSalts {
  readonly plain: Buffer;
  readonly sha256: Buffer;
  readonly sha512: Buffer;
}

const derive = promisify(pbkdf2);
const iterations = 4096;
const plainKeyBytes = 32;

/**
 * What the broker has to know to check a password, and from which the password cannot be read: for SASL PLAIN the
 * one-way hash of Artemis' default codec, for SCRAM salt, iterations, server key and stored key (RFC 5802
 * section 3; Artemis wants the server key first).
 */
export async function makeVerifier(
  password: string,
  salts: VerifierSalts = randomSalts(),
): Promise<PasswordVerifier> {
  const hash = await derive(password, salts.plain, iterations, plainKeyBytes, 'sha1');
  return {
    plain: `${iterations}:${salts.plain.toString('hex')}:${hash.toString('hex')}`,
    sha256: await scram(password, salts.sha256, 'sha256'),
    sha512: await scram(password, salts.sha512, 'sha512'),
  };
}

/**
 * Whether a verifier was made with these salts; with those of `deriveSalts` only the same password of the same user
 * has them. Costs nothing, unlike making it anew.
 */
export function isMadeWith(verifier: PasswordVerifier, salts: VerifierSalts): boolean {
  return (
    verifier.plain.startsWith(`${iterations}:${salts.plain.toString('hex')}:`) &&
    verifier.sha256.startsWith(`${salts.sha256.toString('base64')}:${iterations}:`) &&
    verifier.sha512.startsWith(`${salts.sha512.toString('base64')}:${iterations}:`)
  );
}

/**
 * Salts that depend on nothing but these, so that writing the same users again changes no file. `secret` must be
 * known to nobody else, else the salts of all users could be computed beforehand.
 */
export function deriveSalts(secret: Buffer, username: string, password: string): VerifierSalts {
  const salt = (purpose: string): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify([purpose, username, password]))
      .digest();
  return { plain: salt('plain'), sha256: salt('sha256'), sha512: salt('sha512') };
}

function randomSalts(): VerifierSalts {
  return { plain: randomBytes(32), sha256: randomBytes(32), sha512: randomBytes(32) };
}

async function scram(password: string, salt: Buffer, hash: 'sha256' | 'sha512'): Promise<string> {
  const salted = await derive(
    password.normalize('NFKC'),
    salt,
    iterations,
    hash === 'sha256' ? 32 : 64,
    hash,
  );
  const hmac = (text: string): Buffer => createHmac(hash, salted).update(text).digest();
  const storedKey = createHash(hash).update(hmac('Client Key')).digest();
  return [
    salt.toString('base64'),
    iterations,
    hmac('Server Key').toString('base64'),
    storedKey.toString('base64'),
  ].join(':');
}

import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { errorCode } from '@samband/errors';
import fc from 'fast-check';
import { validateBundle } from './bundle.js';
import { inspectCertificate, isIssuedBy } from './inspect.js';
import { createCa, issueCertificate } from './issue.js';
import type { KeyPair } from './key-pair.js';

const now = new Date();
let ca: KeyPair;
let server: KeyPair;
beforeAll(async () => {
  ca = await createCa({ commonName: 'Space team1/app', days: 10, now });
  server = await issueCertificate({
    ca,
    commonName: 'm',
    hosts: ['localhost'],
    days: 5,
    usage: 'server',
    now,
  });
});

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;

/** A few bytes of a good certificate or key are others: most still parse as ASN.1. */
const flips = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
function damage(label: string, good: string, changes: readonly (readonly [number, number])[]): string {
  const der = Buffer.from(good.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  for (const [at, value] of changes) der[at % der.length] = value;
  return pem(label, der);
}

const piece = fc.oneof(
  fc.constantFrom('-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN PRIVATE KEY-----'),
  fc.constantFrom(
    '-----END PRIVATE KEY-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '\n',
    'AAAA',
    'MIIB',
    '-',
    '\0',
    'ä',
  ),
  fc.string({ maxLength: 20 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

function expectVerdict(key: string, chain: string): void {
  const verdict = validateBundle(key, chain, now);
  if (verdict.ok) {
    expect(() => new X509Certificate(verdict.bundle.certificate)).not.toThrow();
  } else {
    expect(verdict.fault).not.toBe('');
    expect(verdict.fault.length).toBeLessThan(1000);
  }
}

function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    expect(errorCode(error)).toBe('CERTIFICATE_INVALID');
  }
}

describe('a certificate that a tenant brings', () => {
  it('is taken, or refused with a reason, whatever text it is', () => {
    fc.assert(
      fc.property(text, text, (key, chain) => {
        expectVerdict(key, chain);
        expectVerdict(server.key, chain);
        expectVerdict(key, server.certificate);
        attempt(() => inspectCertificate(chain));
      }),
    );
  });

  it('is taken, or refused with a reason, whatever its bytes are', () => {
    fc.assert(
      fc.property(flips, flips, (one, two) => {
        const leaf = damage('CERTIFICATE', server.certificate, one);
        const above = damage('CERTIFICATE', ca.certificate, two);
        expectVerdict(server.key, leaf + above);
        expectVerdict(server.key, server.certificate + above);
        expectVerdict(damage('PRIVATE KEY', server.key, one), leaf);
        attempt(() => inspectCertificate(leaf));
        attempt(() => isIssuedBy(leaf, above));
        attempt(() => isIssuedBy(server.certificate, above));
      }),
    );
  });
});

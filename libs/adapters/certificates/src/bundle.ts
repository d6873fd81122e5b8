import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { KeyPair } from './key-pair.js';

const maxPemLength = 256 * 1024;
const maxChain = 10;

/** `fault` is for people, names what to change, and holds nothing of the key. */
export type BundleVerdict =
  { readonly ok: true; readonly bundle: KeyPair } | { readonly ok: false; readonly fault: string };

/**
 * Whether a key and a certificate that a user brought can serve together: both readable, the key that of the
 * first certificate, each certificate signed by the next, all of them valid now.
 *
 * @returns the bundle as the broker reads it: chain in PEM, key as PKCS #8
 */
export function validateBundle(keyPem: string, certificatePem: string, now: Date): BundleVerdict {
  const key = readKey(keyPem);
  if (typeof key === 'string') return { ok: false, fault: key };
  const chain = readChain(certificatePem);
  if (typeof chain === 'string') return { ok: false, fault: chain };
  const fault = keyFault(key, chain) ?? orderFault(chain) ?? dateFault(chain, now);
  if (fault !== undefined) return { ok: false, fault };
  return {
    ok: true,
    bundle: {
      certificate: chain.map((certificate) => certificate.toString()).join(''),
      key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    },
  };
}

function readKey(pem: string): KeyObject | string {
  if (pem.length > maxPemLength) return 'tlsKey is too long to be a private key';
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return 'tlsKey holds no private key in PEM';
  if (pem.includes('ENCRYPTED')) return 'tlsKey is encrypted: give the private key without a passphrase';
  try {
    return createPrivateKey(pem);
  } catch {
    return 'tlsKey holds a private key that cannot be read';
  }
}

function readChain(pem: string): X509Certificate[] | string {
  if (pem.length > maxPemLength) return 'tlsCert is too long to be a certificate chain';
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'tlsCert holds no certificate in PEM';
  if (blocks.length > maxChain) return `tlsCert holds more than ${maxChain} certificates`;
  const chain: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      chain.push(new X509Certificate(block));
    } catch {
      return `certificate ${index + 1} of tlsCert cannot be read`;
    }
  }
  return chain;
}

function keyFault(key: KeyObject, chain: readonly X509Certificate[]): string | undefined {
  // Others the broker does not read from PEM.
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type !== 'rsa' && type !== 'ec') return `tlsKey is a key of type ${type}; the broker reads rsa and ec`;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < 2048)
    return `tlsKey is an RSA key of ${bits} bits; at least 2048 are needed`;
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (at < 0) return 'tlsKey is not the key of the certificate in tlsCert';
  if (at > 0) return `tlsKey is the key of certificate ${at + 1} of tlsCert; that one has to come first`;
  return undefined;
}

function orderFault(chain: readonly X509Certificate[]): string | undefined {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (next !== undefined && !(certificate.checkIssued(next) && certificate.verify(next.publicKey))) {
      return `certificate ${index + 1} of tlsCert (${nameOf(certificate)}) is not signed by the one after it (${nameOf(next)}): order them from the server's up`;
    }
  }
  return undefined;
}

function dateFault(chain: readonly X509Certificate[], now: Date): string | undefined {
  for (const certificate of chain) {
    const [begin, end] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
    if (now > end) return `the certificate ${nameOf(certificate)} expired on ${end.toISOString()}`;
    if (now < begin)
      return `the certificate ${nameOf(certificate)} is not valid before ${begin.toISOString()}`;
  }
  return undefined;
}

function nameOf(certificate: X509Certificate): string {
  return certificate.subject.replaceAll('\n', ', ').slice(0, 200);
}

import 'reflect-metadata';
import { isIP } from 'node:net';
import { randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';
import { SambandError } from '@samband/errors';
import type { KeyPair } from './key-pair.js';

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const crypto = webcrypto;
const dayMs = 24 * 60 * 60 * 1000;
/** Clocks differ, and are put right: what was made by one that is hours ahead is valid by the others too. */
const backdateMs = dayMs;
/** Longest common name (RFC 5280, ub-common-name). */
const commonNameMax = 64;

export interface CaOptions {
  readonly commonName: string;
  readonly days: number;
  readonly now: Date;
}

/** Makes a certificate authority of its own: ECDSA P-256, for signing end certificates only. */
export async function createCa(options: CaOptions): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity(options),
      serialNumber: newSerial(),
      name: nameOf(options.commonName),
      keys,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

export interface IssueOptions {
  readonly ca: KeyPair;
  readonly commonName: string;
  /** DNS names (a leading `*.` allowed) and IP addresses; may be empty for clients. */
  readonly hosts: readonly string[];
  /** Cut to the life of the CA. */
  readonly days: number;
  readonly usage: 'server' | 'client';
  readonly now: Date;
}

/**
 * Makes a key and a certificate for it, signed by the CA. Throws CERTIFICATE_INVALID for hosts that are
 * neither DNS names nor IP addresses, and for a CA that cannot be read.
 */
export async function issueCertificate(options: IssueOptions): Promise<KeyPair> {
  const { ca, hosts, usage } = options;
  const authority = await readCa(ca);
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([
      usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
    ]),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
    await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey, false, crypto),
  ];
  if (hosts.length > 0) extensions.push(new SubjectAlternativeNameExtension(hosts.map(alternativeName)));
  const { notBefore, notAfter } = validity(options);
  const certificate = await X509CertificateGenerator.create(
    {
      notBefore,
      notAfter: new Date(Math.min(notAfter.getTime(), authority.certificate.notAfter.getTime())),
      serialNumber: newSerial(),
      subject: nameOf(options.commonName),
      issuer: authority.certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: authority.key,
      signingAlgorithm,
      extensions,
    },
    crypto,
  );
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

async function readCa(ca: KeyPair): Promise<{ certificate: X509Certificate; key: webcrypto.CryptoKey }> {
  try {
    const der = Buffer.from(ca.key.replace(/-----[^-]+-----/g, ''), 'base64');
    return {
      certificate: new X509Certificate(new NodeCertificate(ca.certificate).raw),
      key: await crypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']),
    };
  } catch {
    // The cause is not kept: what it says of a key is not ours to know.
    throw new SambandError('CERTIFICATE_INVALID', 'the certificate authority cannot be read');
  }
}

function alternativeName(host: string): { type: 'ip' | 'dns'; value: string } {
  if (isIP(host) !== 0) return { type: 'ip', value: host };
  if (
    host.length <= 253 &&
    /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i.test(host)
  ) {
    return { type: 'dns', value: host };
  }
  throw new SambandError(
    'CERTIFICATE_INVALID',
    `${JSON.stringify(host)} is neither a DNS name nor an IP address`,
  );
}

/** Given as data, so that no character of the name can add to it. */
function nameOf(commonName: string): { CN: string[] }[] {
  return [{ CN: [commonName.slice(0, commonNameMax)] }];
}

function validity({ now, days }: { now: Date; days: number }): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + days * dayMs),
  };
}

/** 127 random bits, positive. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

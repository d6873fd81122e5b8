import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { SambandError } from '@samband/errors';

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names and IP addresses of the subject alternative name. */
  readonly hosts: readonly string[];
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
  readonly isCa: boolean;
}

/** Facts of the first certificate of a PEM text. Throws CERTIFICATE_INVALID when there is none. */
export function inspectCertificate(pem: string): CertificateFacts {
  const certificate = readCertificate(pem);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    hosts: hostsOf(certificate),
    fingerprint: certificate.fingerprint256,
    isCa: certificate.ca,
  };
}

/** Whether `ca` signed the certificate: names and signature, not the dates. */
export function isIssuedBy(pem: string, ca: string): boolean {
  const certificate = readCertificate(pem);
  const authority = readCertificate(ca);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Whether a client that connects to this name accepts the certificate: one of its names, wildcards included. */
export function isFor(pem: string, host: string): boolean {
  return readCertificate(pem).checkHost(host) !== undefined;
}

/** One spelling of a host name or address, for comparing. */
export function canonicalHost(host: string): string {
  return isIPv6(host) ? new URL(`http://[${host}]/`).hostname.slice(1, -1) : host.toLowerCase();
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new SambandError('CERTIFICATE_INVALID', 'the text holds no certificate that can be read');
  }
}

/** Node renders the extension as `DNS:localhost, IP Address:127.0.0.1`. */
function hostsOf(certificate: X509Certificate): string[] {
  const entries = certificate.subjectAltName?.split(', ') ?? [];
  return entries.flatMap((entry) => {
    const match = /^(?:DNS|IP Address):(.+)$/.exec(entry);
    return match?.[1] === undefined ? [] : [canonicalHost(match[1])];
  });
}

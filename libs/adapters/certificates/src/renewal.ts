import { canonicalHost, inspectCertificate, isIssuedBy } from './inspect.js';

export interface RenewalOptions {
  /** DNS names and IP addresses that the certificate shall have, no more and no fewer. */
  readonly hosts: readonly string[];
  /** Certificate of the CA that it shall come from; a CA's own for the CA itself. */
  readonly ca: string;
  readonly now: Date;
}

/**
 * Whether a certificate has to be made anew: it cannot be read, comes from another CA, is for other hosts, or
 * less than a third of its life is left.
 */
export function needsRenewal(certificate: string, { hosts, ca, now }: RenewalOptions): boolean {
  try {
    if (!isIssuedBy(certificate, ca)) return true;
    const facts = inspectCertificate(certificate);
    const [begin, end] = [facts.notBefore.getTime(), facts.notAfter.getTime()];
    if (now.getTime() > end - (end - begin) / 3 || now.getTime() < begin) return true;
    const wanted = new Set(hosts.map(canonicalHost));
    return wanted.size !== new Set(facts.hosts).size || facts.hosts.some((host) => !wanted.has(host));
  } catch {
    return true;
  }
}

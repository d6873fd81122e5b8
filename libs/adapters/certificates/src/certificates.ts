import { validateBundle, type BundleVerdict } from './bundle.js';
import { isFor } from './inspect.js';
import { createCa, issueCertificate } from './issue.js';
import { needsRenewal } from './renewal.js';
import type { KeyPair } from './key-pair.js';

/** The port of the activities, made of this room's functions. */
export interface Certificates {
  readonly createCa: typeof createCa;
  readonly issue: typeof issueCertificate;
  readonly needsRenewal: typeof needsRenewal;
  readonly isFor: typeof isFor;
  /** Key and certificate as the broker reads them, or why they cannot serve together. */
  readonly readBundle: (bundle: KeyPair, now: Date) => BundleVerdict;
}

export function createCertificates(): Certificates {
  return {
    createCa,
    issue: issueCertificate,
    needsRenewal,
    isFor,
    readBundle: ({ key, certificate }, now) => validateBundle(key, certificate, now),
  };
}

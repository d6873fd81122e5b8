import { validateBundle } from './bundle.js';
import { createCa, issueCertificate } from './issue.js';
import { needsRenewal } from './renewal.js';
import type { KeyPair } from './key-pair.js';

/** The port of the activities, made of this room's functions. */
export interface Certificates {
  readonly createCa: typeof createCa;
  readonly issue: typeof issueCertificate;
  readonly needsRenewal: typeof needsRenewal;
  /** Why key and certificate cannot serve together; `undefined` when they can. */
  readonly bundleFault: (bundle: KeyPair, now: Date) => string | undefined;
}

export function createCertificates(): Certificates {
  return {
    createCa,
    issue: issueCertificate,
    needsRenewal,
    bundleFault: (bundle, now) => {
      const verdict = validateBundle(bundle.key, bundle.certificate, now);
      return verdict.ok ? undefined : verdict.fault;
    },
  };
}

import { X509Certificate } from 'node:crypto';
import {
  adminCommonName,
  adminServerName,
  anybodyRole,
  brokerFileNames,
  createBrokerManagement,
  deriveSalts,
  isMadeWith,
  loginFiles,
  loginsIn,
  makeVerifier,
  probeBroker,
  probeUser,
  renderTlsFiles,
  renderUserFiles,
  type VerifierSalts,
  verifierFiles,
  verifiersIn,
} from '@samband/artemis';
import type { BrokerPort } from '@samband/activities';
import type { PasswordVerifier } from '@samband/topology';

/** Verifiers are slow to make by design; a space with hundreds of users must not pay for all at each look. */
const keptVerifiers = 10_000;
const probeTimeoutMs = 10_000;

function saltsOf(secret: string, username: string, password: string): VerifierSalts {
  return deriveSalts(Buffer.from(secret), username, password);
}

/** Artemis as the activities see it. */
export function createBrokerPort(sha256: (text: string) => string): BrokerPort {
  const verifiers = new Map<string, PasswordVerifier>();
  return {
    connect: (access) => createBrokerManagement(access),
    async makeVerifier(secret, username, password) {
      // The digest alone is kept: the password itself must not stay in memory longer than it has to.
      const key = sha256(JSON.stringify([secret, username, password]));
      const known = verifiers.get(key);
      if (known !== undefined) return known;
      const made = await makeVerifier(password, saltsOf(secret, username, password));
      if (verifiers.size >= keptVerifiers) verifiers.clear();
      verifiers.set(key, made);
      return made;
    },
    isVerifierOf: (verifier, secret, username, password) =>
      isMadeWith(verifier, saltsOf(secret, username, password)),
    renderUserFiles,
    renderTlsFiles,
    probe: ({ certificate, ...target }) =>
      probeBroker({
        ...target,
        timeoutMs: probeTimeoutMs,
        ...(certificate === undefined
          ? {}
          : { fingerprint256: new X509Certificate(certificate).fingerprint256 }),
      }),
    probeUser,
    anybodyRole,
    loginFiles,
    admissionFile: brokerFileNames.admission,
    loginsIn,
    verifierFiles,
    verifiersIn,
    adminCommonName,
    adminServerName,
  };
}

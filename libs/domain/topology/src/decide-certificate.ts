import type { Reason } from '@samband/resources';
import type { Endpoint } from './endpoints.js';

/** Where certificates can come from on this platform, beside our own CA. */
export interface CertificateOffer {
  readonly openshift: boolean;
  /** Whether the operator configured a wildcard certificate. */
  readonly wildcard: boolean;
}

/** The one certificate that a broker shows, whatever endpoint a client came by. */
export type CertificateSource =
  | { readonly from: 'selfsigned' }
  /** base64 of PEM, from the endpoint. */
  | {
      readonly from: 'certBundle';
      readonly endpoint: string;
      readonly tlsKey: string;
      readonly tlsCert: string;
    }
  | { readonly from: 'openshift' }
  | { readonly from: 'wildcard' };

export interface CertificateDecision {
  readonly source: CertificateSource;
  /** For the condition CertificateAsRequested. */
  readonly asRequested: boolean;
  readonly reason: Reason;
  /** What is amiss, for each endpoint that does not get what it asks for; empty when all do. */
  readonly message: string;
}

/**
 * Decides where the certificate of a space comes from. The first endpoint that asks for something other than
 * self-signed, and can have it, decides; those that ask for something else are told so. A provider that is not
 * there is replaced by `selfsigned`, and said; without a provider the wildcard certificate is used if there is
 * one (as EnMasse), else a self-signed one.
 */
export function decideCertificate(
  endpoints: readonly Pick<Endpoint, 'name' | 'cert'>[],
  offer: CertificateOffer,
): CertificateDecision {
  const wishes = endpoints.map((endpoint) => ({ endpoint, wish: wishOf(endpoint, offer) }));
  const source = wishes.map(({ wish }) => wish.source).find(({ from }) => from !== 'selfsigned') ?? {
    from: 'selfsigned',
  };
  const problems = wishes.flatMap(({ endpoint, wish }) => {
    if (wish.problem !== undefined)
      return { reason: wish.reason, text: `endpoint ${endpoint.name} ${wish.problem}` };
    if (isSame(wish.source, source) || endpoint.cert.provider === undefined) return [];
    const text = `endpoint ${endpoint.name} asks for another certificate than the one the broker shows (${source.from}): a brokered space has one`;
    return { reason: 'Unsupported' as const, text };
  });
  return {
    source,
    asRequested: problems.length === 0,
    reason: problems[0]?.reason ?? 'Ready',
    message: problems.map(({ text }) => text).join('; '),
  };
}

interface Wish {
  readonly source: CertificateSource;
  readonly reason: Reason;
  readonly problem?: string;
}

function wishOf({ name, cert }: Pick<Endpoint, 'name' | 'cert'>, offer: CertificateOffer): Wish {
  const selfsigned: CertificateSource = { from: 'selfsigned' };
  if (cert.provider === undefined) {
    return { source: offer.wildcard ? { from: 'wildcard' } : selfsigned, reason: 'Ready' };
  }
  switch (cert.provider) {
    case 'selfsigned':
      return { source: selfsigned, reason: 'Ready' };
    case 'certBundle': {
      const { tlsKey, tlsCert } = cert;
      if (tlsKey === undefined || tlsCert === undefined) {
        const problem =
          'asks for a certBundle without cert.tlsKey and cert.tlsCert, or a Secret that holds them: its certificate is self-signed';
        return { source: selfsigned, reason: 'Invalid', problem };
      }
      return { source: { from: 'certBundle', endpoint: name, tlsKey, tlsCert }, reason: 'Ready' };
    }
    case 'openshift':
      if (offer.openshift) return { source: { from: 'openshift' }, reason: 'Ready' };
      return {
        source: selfsigned,
        reason: 'SelfSigned',
        problem:
          'asks for a certificate of OpenShift, which this is not: its certificate is self-signed, the CA to trust is in status.caCert',
      };
    case 'wildcard':
      if (offer.wildcard) return { source: { from: 'wildcard' }, reason: 'Ready' };
      return {
        source: selfsigned,
        reason: 'SelfSigned',
        problem:
          'asks for the wildcard certificate, and none is configured here: its certificate is self-signed, the CA to trust is in status.caCert',
      };
  }
}

function isSame(a: CertificateSource, b: CertificateSource): boolean {
  if (a.from === 'certBundle' && b.from === 'certBundle')
    return a.tlsKey === b.tlsKey && a.tlsCert === b.tlsCert;
  return a.from === b.from;
}

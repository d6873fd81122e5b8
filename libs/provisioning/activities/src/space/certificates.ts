import { SambandError } from '@samband/errors';
import { decideCertificate, endpointsOf, hostName, type CertificateDecision } from '@samband/topology';
import {
  INFRA_NAMESPACE,
  secretData,
  secretText,
  type AddressSpace,
  type KubeObject,
} from '@samband/resources';
import type { KeyPair, Ports } from '../ports.js';
import { infraLabels, type SpaceInfra } from './infra-secret.js';
import { secretRef } from './refs.js';

const certificateDays = 365;

export function certificateSecretName(id: string): string {
  return `external-certs-messaging-${id}`;
}

/** Nothing but our own CA and what a user brings exists here: no OpenShift, no wildcard certificate. */
export function decideFor(space: AddressSpace): CertificateDecision {
  return decideCertificate(endpointsOf(space), { openshift: false, wildcard: false });
}

/** The certificate that the broker shows to tenants. Throws CERTIFICATE_INVALID for a bundle that cannot serve. */
export async function ensureTenantCertificate(
  ports: Ports,
  space: AddressSpace,
  id: string,
  infra: SpaceInfra,
): Promise<KeyPair> {
  const { source } = decideFor(space);
  if (source.from === 'certBundle') {
    const bundle = { key: fromBase64(source.tlsKey), certificate: fromBase64(source.tlsCert) };
    const read = ports.certificates.readBundle(bundle, ports.now());
    if (!read.ok) {
      throw new SambandError(
        'CERTIFICATE_INVALID',
        `endpoint ${source.endpoint}: the certificate bundle cannot be used: ${read.fault}`,
      );
    }
    // Not as it was written: the broker reads keys as PKCS #8 only.
    return read.bundle;
  }
  return ensureSelfSigned(ports, id, infra);
}

/** Kept in a Secret, so that a restart shows the same certificate; made anew in the last third of its life. */
async function ensureSelfSigned(ports: Ports, id: string, infra: SpaceInfra): Promise<KeyPair> {
  const { store, certificates } = ports;
  const hosts = ['127.0.0.1', 'localhost', `messaging-${id}.${INFRA_NAMESPACE}.svc`];
  const now = ports.now();
  const secret = await store.get(secretRef(INFRA_NAMESPACE, certificateSecretName(id)));
  const certificate = secretText(secret, 'tls.crt');
  const key = secretText(secret, 'tls.key');
  const present = certificate === undefined || key === undefined ? undefined : { certificate, key };
  if (
    present !== undefined &&
    !certificates.needsRenewal(present.certificate, { hosts, ca: infra.externalCa.certificate, now })
  )
    return present;
  const made = await certificates.issue({
    ca: infra.externalCa,
    commonName: `messaging-${id}`,
    hosts,
    days: certificateDays,
    usage: 'server',
    now,
  });
  await store.apply(secretOf(INFRA_NAMESPACE, id, made), { fieldManager: 'samband-worker', force: true });
  return made;
}

/** What clients will find odd about a certificate that was brought; `undefined` when nothing. */
export function bundleRemark(
  { certificates }: Pick<Ports, 'certificates'>,
  space: AddressSpace,
  host: string,
): string | undefined {
  const { source } = decideFor(space);
  if (source.from !== 'certBundle') return undefined;
  const name = hostName(host);
  return certificates.isFor(fromBase64(source.tlsCert), name)
    ? undefined
    : `the certificate that endpoint ${source.endpoint} brings is not for ${name}, the host that is exported: clients that verify it must know the broker by a name that it is for`;
}

function secretOf(namespace: string, id: string, pair: KeyPair): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: certificateSecretName(id), namespace, labels: infraLabels(id) },
    data: secretData({ 'tls.crt': pair.certificate, 'tls.key': pair.key }),
  };
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** PEM that clients trust: our CA for self-signed certificates, else the chain that the user brought. */
export function tenantCa(space: AddressSpace, infra: SpaceInfra): string {
  const { source } = decideFor(space);
  return source.from === 'certBundle' ? fromBase64(source.tlsCert) : infra.externalCa.certificate;
}

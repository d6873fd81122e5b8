import { bundleSecretOf, secretText, type AddressSpace, type KubeObject } from '@samband/resources';
import type { Ports } from '../ports.js';
import { secretRef } from './refs.js';

export type WithBundles =
  | { readonly ok: true; readonly space: AddressSpace }
  /** Why the certificate of an endpoint cannot be had. */
  | { readonly ok: false; readonly message: string };

/**
 * The space with the certificates that its endpoints name a Secret for, as if they were written there. The Secret is one
 * of the space's own namespace: read from the infra namespace, as EnMasse did, a team could show what belongs to others.
 */
export async function withBundles(
  { store }: Pick<Ports, 'store'>,
  space: AddressSpace,
): Promise<WithBundles> {
  const { namespace = '' } = space.metadata;
  const { endpoints = [] } = space.spec;
  const names = [...new Set(endpoints.flatMap(({ cert }) => bundleSecretOf(cert) ?? []))];
  if (names.length === 0) return { ok: true, space };
  const secrets = new Map<string, KubeObject | undefined>();
  for (const name of names) secrets.set(name, await store.get(secretRef(namespace, name)));
  const faults = names.flatMap((name) => bundleSecretFault(namespace, name, secrets.get(name)) ?? []);
  if (faults.length > 0) return { ok: false, message: faults.join('; ') };
  const filled = endpoints.map((endpoint) => {
    const name = bundleSecretOf(endpoint.cert);
    if (name === undefined) return endpoint;
    const [tlsKey = '', tlsCert = ''] = keys.map((key) => toBase64(secretText(secrets.get(name), key)));
    return { ...endpoint, cert: { ...endpoint.cert, tlsKey, tlsCert } };
  });
  return { ok: true, space: { ...space, spec: { ...space.spec, endpoints: filled } } };
}

const keys = ['tls.key', 'tls.crt'] as const;

/** What a Secret lacks to be the certificate of an endpoint; `undefined` when nothing. */
export function bundleSecretFault(
  namespace: string,
  name: string,
  ...states: readonly (KubeObject | undefined)[]
): string | undefined {
  const found = states.filter((state) => state !== undefined);
  if (found.length === 0)
    return `Secret ${name} does not exist in ${namespace}; create it with the keys tls.key and tls.crt`;
  const lacking = keys.filter((key) => !found.some((secret) => holds(secret, key)));
  return lacking.length === 0 ? undefined : `Secret ${name} has no key ${lacking.join(' and ')}; add it`;
}

function holds(secret: KubeObject, key: string): boolean {
  return ['data', 'stringData'].some((map) => {
    const texts = secret[map];
    return typeof texts === 'object' && texts !== null && Object.hasOwn(texts, key);
  });
}

function toBase64(text = ''): string {
  return Buffer.from(text).toString('base64');
}

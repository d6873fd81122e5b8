/**
 * The stack's own certificate authority: who may talk to etcd and to the API server. Keys never leave the state
 * folder. Certificates are made once, and anew when they near their end.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import path from 'node:path';
import { createCa, issueCertificate, needsRenewal, type KeyPair } from '@samband/certificates';
import { readIfThere, writeAtomically } from '@samband/processes';
import { INFRA_NAMESPACE, serviceAccountUser } from '@samband/resources';

export interface Pki {
  readonly ca: string;
  readonly files: {
    readonly ca: string;
    /** Key and certificate in one file each: written at once, they always belong together. */
    readonly server: string;
    readonly etcdClient: string;
    readonly serviceAccountKey: string;
    readonly serviceAccountPublicKey: string;
    /** Static tokens that the API server accepts. */
    readonly tokens: string;
  };
  readonly tokens: Readonly<Record<TokenName, string>>;
}

/**
 * Who proves by a token who they are: the API server looks it up, where it would check the chain of a client
 * certificate anew at each request (a fifteenth of its work at a large commit). The first two are of the group
 * `system:masters`, whom no role limits: the person at this machine, and the controllers that clean up after everyone.
 * Our components act as their service accounts, so what they may do is decided by the same roles as in a cluster.
 */
const users = {
  'samband-admin': { user: 'samband-admin', group: 'system:masters' },
  'system:kube-controller-manager': { user: 'system:kube-controller-manager', group: 'system:masters' },
  worker: { user: serviceAccountUser(INFRA_NAMESPACE, 'samband-worker'), group: '' },
  controller: { user: serviceAccountUser(INFRA_NAMESPACE, 'samband-controller'), group: '' },
  api: { user: serviceAccountUser(INFRA_NAMESPACE, 'samband-api'), group: '' },
} as const;

export type TokenName = keyof typeof users;

const serverHosts = [
  '127.0.0.1',
  '10.0.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
];
const caDays = 3650;
const leafDays = 365;

interface LeafRequest {
  readonly commonName: string;
  readonly hosts: readonly string[];
  readonly usage: 'server' | 'client';
}

export async function ensurePki(folder: string): Promise<Pki> {
  const at = (name: string): string => path.join(folder, name);
  const authority = await ensureAuthority(at('ca.pem'));
  const leaf = (name: string, request: LeafRequest): Promise<KeyPair> =>
    ensureLeaf(at(`${name}.pem`), request, authority);
  const [, , tokens] = await Promise.all([
    leaf('server', { commonName: 'samband-local', hosts: serverHosts, usage: 'server' }),
    leaf('etcd-client', { commonName: 'kube-apiserver', hosts: [], usage: 'client' }),
    ensureTokens(at('tokens.csv')),
    writeWhenChanged(at('ca.crt'), authority.certificate),
    ensureServiceAccountKey(at('sa.key'), at('sa.pub')),
  ]);
  return {
    ca: authority.certificate,
    tokens,
    files: {
      ca: at('ca.crt'),
      server: at('server.pem'),
      etcdClient: at('etcd-client.pem'),
      serviceAccountKey: at('sa.key'),
      serviceAccountPublicKey: at('sa.pub'),
      tokens: at('tokens.csv'),
    },
  };
}

async function ensureAuthority(file: string): Promise<KeyPair> {
  const now = new Date();
  const kept = await readPair(file);
  if (kept !== undefined && !needsRenewal(kept.certificate, { hosts: [], ca: kept.certificate, now }))
    return kept;
  return writePair(file, await createCa({ commonName: 'samband-local-ca', days: caDays, now }));
}

async function ensureLeaf(file: string, request: LeafRequest, ca: KeyPair): Promise<KeyPair> {
  const now = new Date();
  const kept = await readPair(file);
  const { hosts } = request;
  if (kept !== undefined && !needsRenewal(kept.certificate, { hosts, ca: ca.certificate, now })) return kept;
  return writePair(file, await issueCertificate({ ...request, ca, days: leafDays, now }));
}

/** The key that signs service account tokens; tokens live as long as it does, so it is never renewed. */
async function ensureServiceAccountKey(keyFile: string, publicFile: string): Promise<void> {
  let key = await readIfThere(keyFile);
  if (key === undefined) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await writeAtomically(keyFile, key);
  }
  await writeWhenChanged(publicFile, createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
}

/** A line each: token, user, uid, groups (kubernetes.io, "Static token file"). */
async function ensureTokens(file: string): Promise<Pki['tokens']> {
  const known = new Map(
    ((await readIfThere(file)) ?? '').split('\n').map((line) => {
      const [token = '', user = ''] = line.split(',');
      return [user, token];
    }),
  );
  const named = Object.entries(users).map(
    ([name, { user, group }]) =>
      [name, known.get(user) ?? randomBytes(32).toString('hex'), user, group] as const,
  );
  await writeWhenChanged(
    file,
    named.map(([, token, user, group]) => `${token},${user},${user},${group}\n`).join(''),
  );
  return Object.fromEntries(named.map(([name, token]) => [name, token])) as Record<TokenName, string>;
}

async function readPair(file: string): Promise<KeyPair | undefined> {
  const text = await readIfThere(file);
  const end = text?.indexOf('-----BEGIN CERTIFICATE-----') ?? -1;
  return text === undefined || end < 0
    ? undefined
    : { key: text.slice(0, end), certificate: text.slice(end) };
}

async function writePair(file: string, pair: KeyPair): Promise<KeyPair> {
  await writeAtomically(file, `${pair.key.trimEnd()}\n${pair.certificate.trimEnd()}\n`);
  return pair;
}

async function writeWhenChanged(file: string, text: string): Promise<void> {
  if ((await readIfThere(file)) !== text) await writeAtomically(file, text);
}

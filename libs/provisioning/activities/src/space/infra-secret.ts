import { SambandError } from '@samband/errors';
import { INFRA_NAMESPACE, infraUuid, secretData, secretText, type KubeObject } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { KeyPair, Ports } from '../ports.js';
import { parkedRecordIn, type ParkedRecord } from './parked-record.js';
import { secretRef } from './refs.js';

/**
 * What only the provisioner may know of a space: its broker's host, internal CA, administrator's certificate and
 * the probe's password. One Secret per space in the infra namespace, made once.
 */
export interface SpaceInfra {
  readonly hostId: string;
  readonly internalCa: KeyPair;
  readonly admin: KeyPair;
  /** Server certificate of the administration listener. */
  readonly broker: KeyPair;
  readonly probePassword: string;
  /** CA of the self-signed endpoint certificates. */
  readonly externalCa: KeyPair;
  /** Makes the salts of password verifiers: nobody else can compute them beforehand. */
  readonly saltSecret: string;
  /** The worker that was the last to work on the broker. */
  readonly writer: string | undefined;
  /** Its space is gone and its messages are kept, or has come back and not found them yet. */
  readonly parked: ParkedRecord | undefined;
}

const caDays = 3_650;
const writerAnnotation = 'samband.dev/writer';

export function infraId(ports: Pick<Ports, 'sha256'>, { namespace, name }: EntityRef): string {
  return infraUuid(namespace, name, ports.sha256);
}

export function infraLabels(id: string): Record<string, string> {
  return { app: 'enmasse', infraType: 'brokered', infraUuid: id, 'app.kubernetes.io/part-of': id };
}

/** The space's infrastructure Secret, if it ever had one. Throws CONFLICT where the id belongs to another space. */
export async function readSpaceInfra(ports: Ports, space: EntityRef): Promise<SpaceInfra | undefined> {
  const secret = await ports.store.get(secretRef(INFRA_NAMESPACE, `broker-${infraId(ports, space)}`));
  return secret === undefined ? undefined : parse(requireOwner(secret, space));
}

/** Reads the space's infrastructure Secret, making it on first use. Safe against two makers: the first one wins. */
export async function ensureSpaceInfra(ports: Ports, space: EntityRef): Promise<SpaceInfra> {
  const id = infraId(ports, space);
  const ref = secretRef(INFRA_NAMESPACE, `broker-${id}`);
  const present = await ports.store.get(ref);
  if (present !== undefined) return parse(requireOwner(present, space));
  const made = await make(ports, space, id);
  try {
    return parse(await ports.store.create(secretOf(INFRA_NAMESPACE, space, id, made)));
  } catch (error) {
    const other = await ports.store.get(ref);
    if (other === undefined) throw error;
    return parse(requireOwner(other, space));
  }
}

/**
 * Seven digits can be made to collide by choosing names: what belongs to another space is never touched.
 * Throws CONFLICT.
 */
function requireOwner(secret: KubeObject, space: EntityRef): KubeObject {
  const { addressSpace, addressSpaceNamespace } = secret.metadata.annotations ?? {};
  if (addressSpace === space.name && addressSpaceNamespace === space.namespace) return secret;
  throw new SambandError(
    'CONFLICT',
    `the infrastructure id of address space ${space.namespace}/${space.name} is taken by another space; choose another name`,
  );
}

/** Tells every other worker that what it knows of the broker may no longer be so. */
export async function claimBroker({ store, workerId }: Ports, id: string): Promise<void> {
  await store.patch(
    secretRef(INFRA_NAMESPACE, `broker-${id}`),
    { metadata: { annotations: { [writerAnnotation]: workerId } } },
    { fieldManager: 'samband-metadata' },
  );
}

type MadeInfra = Omit<SpaceInfra, 'writer' | 'parked'>;

async function make(ports: Ports, space: EntityRef, id: string): Promise<MadeInfra> {
  const now = ports.now();
  const { certificates } = ports;
  const [internalCa, externalCa] = await Promise.all([
    certificates.createCa({ commonName: `samband internal ${id}`, days: caDays, now }),
    certificates.createCa({ commonName: `${space.name}.${space.namespace} messaging`, days: caDays, now }),
  ]);
  const [admin, broker] = await Promise.all([
    certificates.issue({
      ca: internalCa,
      commonName: ports.brokers.adminCommonName,
      hosts: [],
      days: caDays,
      usage: 'client',
      now,
    }),
    certificates.issue({
      ca: internalCa,
      commonName: `broker-${id}`,
      hosts: [ports.brokers.adminServerName(id)],
      days: caDays,
      usage: 'server',
      now,
    }),
  ]);
  const secret = (): string => Buffer.from(ports.randomBytes(24)).toString('base64url');
  return {
    hostId: ports.hostId,
    internalCa,
    externalCa,
    admin,
    broker,
    probePassword: secret(),
    saltSecret: secret(),
  };
}

function secretOf(namespace: string, space: EntityRef, id: string, infra: MadeInfra): KubeObject {
  const texts = {
    hostId: infra.hostId,
    probePassword: infra.probePassword,
    saltSecret: infra.saltSecret,
    'internal-ca.crt': infra.internalCa.certificate,
    'internal-ca.key': infra.internalCa.key,
    'external-ca.crt': infra.externalCa.certificate,
    'external-ca.key': infra.externalCa.key,
    'admin.crt': infra.admin.certificate,
    'admin.key': infra.admin.key,
    'broker.crt': infra.broker.certificate,
    'broker.key': infra.broker.key,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `broker-${id}`,
      namespace,
      labels: infraLabels(id),
      annotations: { addressSpace: space.name, addressSpaceNamespace: space.namespace },
    },
    data: secretData(texts),
  };
}

function parse(secret: KubeObject): SpaceInfra {
  const decode = (key: string): string => secretText(secret, key) ?? '';
  const pair = (name: string): KeyPair => ({
    certificate: decode(`${name}.crt`),
    key: decode(`${name}.key`),
  });
  return {
    hostId: decode('hostId'),
    internalCa: pair('internal-ca'),
    externalCa: pair('external-ca'),
    admin: pair('admin'),
    broker: pair('broker'),
    probePassword: decode('probePassword'),
    saltSecret: decode('saltSecret'),
    writer: secret.metadata.annotations?.[writerAnnotation],
    parked: parkedRecordIn(secret),
  };
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SnapshotSeal } from '@samband/gitops';
import { SambandError } from '@samband/errors';
import { INFRA_NAMESPACE, type KubeObject, type ResourceStore } from '@samband/resources';
import type { EntityRef } from '@samband/contract';

/** What the first chunk says of the whole: with these numbers a reader fetches and unpacks no more than was written. */
export interface SealedSnapshot extends SnapshotSeal {
  /** Bytes when unpacked. */
  readonly unpacked: number;
}

/** The very object that a snapshot is of: another one of that name is another rollout. */
export interface SnapshotOwner extends EntityRef {
  readonly uid: string;
}

const secretName = 'samband-snapshots';
const keyBytes = 32;
const ref = { apiVersion: 'v1', kind: 'Secret', namespace: INFRA_NAMESPACE, name: secretName };

/**
 * Tells snapshots of ours from those that somebody else with rights to Secrets of a namespace put there. The key lies
 * where no tenant reads it, is made once, and is never kept in memory for longer than a step: all workers use the
 * same one, also after somebody has removed it.
 */
export class SnapshotSealer {
  private key: Promise<Buffer | undefined> | undefined;

  constructor(private readonly store: Pick<ResourceStore, 'get' | 'create'>) {}

  /** The seal as text, good for that part of that rollout alone. */
  async seal(rollout: SnapshotOwner, part: string, seal: SealedSnapshot): Promise<string> {
    const key = (await this.readKey()) ?? (await this.makeKey());
    return JSON.stringify({ ...seal, mac: macOf(key, rollout, part, seal).toString('hex') });
  }

  /**
   * The seal, if it is one of ours for that part of that rollout. Rollouts that run through an upgrade hold seals of a
   * release that sealed by name alone: of those, what the Secret says of its owner has to do.
   * @param owner uid that the Secret names
   */
  async open(
    rollout: SnapshotOwner,
    part: string,
    text: string,
    owner: string | undefined,
  ): Promise<SealedSnapshot | undefined> {
    const given = parse(text);
    const key = given === undefined ? undefined : await this.readKey();
    if (given === undefined || key === undefined) return undefined;
    const { seal, mac } = given;
    if (isSame(mac, macOf(key, rollout, part, seal))) return seal;
    return owner === rollout.uid && isSame(mac, earlierMacOf(key, rollout, part, seal)) ? seal : undefined;
  }

  private readKey(): Promise<Buffer | undefined> {
    this.key ??= this.store.get(ref).then((secret) => (secret === undefined ? undefined : keyIn(secret)));
    return this.key;
  }

  /** Safe against two makers: the first one wins. */
  private async makeKey(): Promise<Buffer> {
    const made = await this.store.create(newSecret()).catch(async (error: unknown) => {
      const other = await this.store.get(ref);
      if (other === undefined) throw error;
      return other;
    });
    const key = keyIn(made);
    this.key = Promise.resolve(key);
    return key;
  }
}

function newSecret(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    // Another key would make every snapshot look forged.
    immutable: true,
    metadata: {
      name: secretName,
      namespace: INFRA_NAMESPACE,
      labels: { 'app.kubernetes.io/part-of': 'samband' },
    },
    data: { key: randomBytes(keyBytes).toString('base64') },
  };
}

function keyIn(secret: KubeObject): Buffer {
  const { key } = (secret['data'] ?? {}) as { key?: string };
  const bytes = Buffer.from(key ?? '', 'base64');
  // With an empty key anybody could seal.
  if (bytes.length >= keyBytes) return bytes;
  throw new SambandError(
    'INTERNAL',
    `Secret ${INFRA_NAMESPACE}/${secretName} holds no key; remove it, and the next rollout makes another one`,
  );
}

function macOf(key: Buffer, rollout: SnapshotOwner, part: string, seal: SealedSnapshot): Buffer {
  const { namespace, name, uid } = rollout;
  const { chunks, bytes, digest, unpacked } = seal;
  return hmac(key, ['samband snapshot 2', namespace, name, uid, part, chunks, bytes, digest, unpacked]);
}

function earlierMacOf(
  key: Buffer,
  { namespace, name }: EntityRef,
  part: string,
  seal: SealedSnapshot,
): Buffer {
  const { chunks, bytes, digest, unpacked } = seal;
  return hmac(key, ['samband snapshot 1', namespace, name, part, chunks, bytes, digest, unpacked]);
}

function hmac(key: Buffer, said: readonly (string | number)[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(said)).digest();
}

function isSame(given: Buffer, mac: Buffer): boolean {
  return given.length === mac.length && timingSafeEqual(given, mac);
}

function parse(text: string): { seal: SealedSnapshot; mac: Buffer } | undefined {
  try {
    const given = (JSON.parse(text) ?? {}) as Record<keyof SealedSnapshot | 'mac', unknown>;
    const { chunks, bytes, digest, unpacked, mac } = given;
    if (!isCount(chunks) || !isCount(bytes) || !isCount(unpacked)) return undefined;
    if (typeof digest !== 'string' || typeof mac !== 'string') return undefined;
    return { seal: { chunks, bytes, digest, unpacked }, mac: Buffer.from(mac, 'hex') };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

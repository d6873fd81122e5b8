import { setTimeout as sleep } from 'node:timers/promises';
import { SambandError } from '@samband/errors';
import { annotations, type AddressSpace, type KubeObject } from '@samband/resources';
import type { MessageCounts } from '@samband/topology';
import type { EntityRef } from '@samband/contract';
import { guardSession } from '../guard.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { infraId, readSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { parkedNow, parkTime } from './park-time.js';
import { clearParkedRecord, writeParkedRecord, type ParkedRecord } from './parked-record.js';
import { namespaceRef, spaceRef } from './refs.js';
import { removeBroker } from './remove.js';
import { isOfBroker, type BrokerSessions } from './sessions.js';
import { writeUserFiles } from './user-files.js';

/** How long a broker that does not answer is waited for: one that died is back within seconds. */
const countingMs = 20_000;
const pauseMs = 500;

/**
 * Takes the broker of a space that is going out of service: nobody gets in any more, then its messages are counted. One
 * that holds some is stopped and its journal kept, one that holds none is destroyed. Whatever cannot be counted is kept.
 * Idempotent: what is kept is written down before the broker is stopped, and an attempt that was cut short counts again.
 */
export async function retireBroker(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  run: Running,
): Promise<void> {
  const space = (await ports.store.get(spaceRef(ref))) as AddressSpace | undefined;
  // One that was made again under the same name is no longer the one that was to go.
  if (space?.metadata.deletionTimestamp === undefined) return;
  const id = infraId(ports, ref);
  const infra = await readSpaceInfra(ports, ref);
  const namespace = await ports.store.get(namespaceRef(ref.namespace));
  const store = await ports.runtime.inspectStore(id);
  if (
    infra === undefined ||
    namespace === undefined ||
    store === 'none' ||
    !isWorthKeeping(space, namespace, infra)
  ) {
    await destroy(ports, sessions, ref, infra);
    return;
  }
  const counted = store === 'live' ? await countFor(ports, sessions, id, infra, run) : undefined;
  const counts = store === 'live' ? counted : infra.parked?.counts;
  run.signal.throwIfAborted();
  if (counted !== undefined) await tellLost(ports, space, counted.transient);
  if (counts?.messages === 0) {
    await destroy(ports, sessions, ref, infra);
    return;
  }
  await writeParkedRecord(ports, id, recordOf(ports, space, namespace, counts));
  await sessions.close(id);
  await ports.runtime.parkBroker(id, { namespace: ref.namespace, space: ref.name });
}

async function destroy(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  infra: SpaceInfra | undefined,
): Promise<void> {
  await removeBroker(ports, sessions, ref);
  if (infra?.parked !== undefined) await clearParkedRecord(ports, infraId(ports, ref));
}

/** Not where the namespace goes too, what lies there was another namespace's, or nothing shall be kept at all. */
function isWorthKeeping(space: AddressSpace, namespace: KubeObject, { parked }: SpaceInfra): boolean {
  if (namespace.metadata.deletionTimestamp !== undefined) return false;
  if (parked !== undefined && parked.namespaceUid !== namespace.metadata.uid) return false;
  return parkTime(space).ms > 0;
}

/** @returns `undefined` when the broker does not answer in time: nothing may be concluded from that */
async function countFor(
  ports: Ports,
  sessions: BrokerSessions,
  id: string,
  infra: SpaceInfra,
  run: Running,
): Promise<MessageCounts | undefined> {
  // Before anything is asked of the broker: one that dies now comes back without its users.
  await writeUserFiles(ports, id, infra, []);
  const deadline = performance.now() + countingMs;
  for (;;) {
    run.signal.throwIfAborted();
    run.beat('counting');
    try {
      return await countOnce(ports, sessions, id, infra, run);
    } catch (error) {
      if (!isOfBroker(error)) throw error;
      ports.logger.warn('a broker that is going cannot be counted', { broker: id, error });
      await sessions.close(id);
      if (performance.now() > deadline) return undefined;
      await sleep(pauseMs);
    }
  }
}

async function countOnce(
  { runtime }: Ports,
  sessions: BrokerSessions,
  id: string,
  infra: SpaceInfra,
  run: Running,
): Promise<MessageCounts> {
  const { management, instance } = guardSession(await sessions.open(id, infra), run);
  await management.forgetLogins();
  await management.shutOut();
  const counts = await management.countMessages();
  // One that was started again meanwhile has its doors open, and lost what it had not written.
  const now = await runtime.inspectBroker(id);
  if (now?.incarnation !== instance.incarnation)
    throw new SambandError('BROKER_UNAVAILABLE', 'the broker was started again while it was counted');
  return counts;
}

function recordOf(
  ports: Ports,
  space: AddressSpace,
  { metadata: { uid = '' } }: KubeObject,
  counts: Pick<MessageCounts, 'queues' | 'messages'> | undefined,
): ParkedRecord {
  const parkFor = space.metadata.annotations?.[annotations.parkFor];
  return {
    namespaceUid: uid,
    parkedAt: parkedNow(ports),
    ...(parkFor === undefined ? {} : { parkFor }),
    ...(counts === undefined ? {} : { counts: { queues: counts.queues, messages: counts.messages } }),
  };
}

async function tellLost({ events }: Ports, space: AddressSpace, transient: number): Promise<void> {
  if (transient === 0) return;
  await events.record(
    space,
    'Warning',
    'MessagesLost',
    `${transient} messages that their senders had not marked as durable ended with the broker`,
  );
}

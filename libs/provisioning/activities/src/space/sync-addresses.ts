import { catalogue, errorCode, SambandError } from '@samband/errors';
import { diffAddresses, exactSettings, type ItemResult } from '@samband/topology';
import { annotations, type AddressSpace } from '@samband/resources';
import type { EntityRef, SpaceRun, SyncCounts } from '@samband/contract';
import { guardSession } from '../guard.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { addressesOf, clientAddress, judgeAddresses, type Served } from './address-set.js';
import { isSaid, statusWrite, type AddressOutcome } from './address-status.js';
import { lookAtMemory } from './fullness.js';
import { requireFacts, type SpaceFacts } from './gather.js';
import { holdingsOf, noHoldings } from './holdings.js';
import { ensureSpaceInfra } from './infra-secret.js';
import { settleOrphans } from './orphans.js';
import { applyPermissions } from './permissions.js';
import { publishCounts } from './publish-counts.js';
import type { SpaceRevisions } from './revisions.js';
import { lookAgainMs, type BrokerSession, type BrokerSessions } from './sessions.js';
import { boundSubscriptions, countSubscriptions } from './subscriptions.js';
import { closedName } from './undeclared.js';

/**
 * Addresses ensured at once; their statuses are written while the next ones are. Each time all names of the broker are
 * read, so there are not many times.
 */
const chunkSize = (count: number): number => Math.min(1_000, Math.max(250, Math.ceil(count / 8)));

/**
 * Makes the broker hold the space's addresses, and each status say so. Cost follows the change: what this worker
 * ensured on this incarnation of the broker before is neither looked at nor written again.
 */
export async function syncAddresses(
  ports: Ports,
  sessions: BrokerSessions,
  revisions: SpaceRevisions,
  ref: EntityRef,
  run: Running,
  of?: SpaceRun,
): Promise<SyncCounts> {
  const facts = await requireFacts(ports, ref, of);
  const infra = await ensureSpaceInfra(ports, ref);
  const session = guardSession(await sessions.open(facts.id, infra), run);
  revisions.markRead(ref);
  const addresses = addressesOf(ports, ref);
  const { served, refused } = judgeAddresses(addresses, facts);
  // Before anything is said of permissions: a session that is new takes every space for one with users.
  session.authentication = facts.authentication;
  await learn(ports, session, facts.space, served);
  const orphans = await settleOrphans(ports, session, facts.space, addresses, run);
  run.signal.throwIfAborted();
  const subscriptions = countSubscriptions(ports, session.observed ?? noHoldings(), facts, served.length);
  await boundSubscriptions(ports, session, facts.space, subscriptions);
  await applyPermissions(ports, session, ref, facts.authentication);
  await session.management.setAddressSettings(exactSettings(served.map(({ desired }) => desired)), {
    verify: session.isDoubted,
    onProgress: (done) => {
      run.beat(`${done} settings`);
    },
    signal: run.signal,
  });
  session.isDoubted = false;
  const outcomes: AddressOutcome[] = refused.map(({ address, reason, message }) => ({
    kind: 'refused',
    address,
    reason,
    message,
    retry: false,
  }));
  const { changed, isDropped } = await ensure(ports, session, facts, served, outcomes, run);
  await publishCounts(ports, ref, facts.space, {
    declared: addresses.length,
    ready: outcomes.filter(({ kind }) => kind === 'ready').length,
    parked: orphans.parked,
    subscriptions,
  });
  const full = await lookAtMemory(ports, session, facts.space, orphans.parked);
  return {
    total: addresses.length,
    ready: outcomes.filter(({ kind }) => kind === 'ready').length,
    changed,
    removed: orphans.destroyed,
    parked: orphans.parked.length,
    retry:
      isDropped ||
      orphans.isUnfinished ||
      // Whoever makes room tells nobody.
      full !== undefined ||
      outcomes.some((outcome) => outcome.kind === 'refused' && outcome.retry),
    ...(full === undefined ? {} : { full }),
    ...(orphans.nextEnd === undefined ? {} : { nextParkingEnd: orphans.nextEnd }),
  };
}

/**
 * On a broker not looked at before: what it holds, and which of it is as it shall be. Looks again from time to time,
 * when nothing else is to do, and when the space asks for it: somebody may have changed the broker by hand.
 */
async function learn(
  { steadyNow }: Ports,
  session: BrokerSession,
  { metadata }: AddressSpace,
  served: readonly Served[],
): Promise<void> {
  const asked = metadata.annotations?.[annotations.requestedAt];
  const { looked } = session;
  const isOld = looked === undefined || steadyNow().getTime() - looked.at.getTime() > lookAgainMs;
  const isQuiet = (): boolean => served.every((one) => isApplied(session, one));
  const isDue = looked?.asked !== asked || (isOld && isQuiet());
  if (session.observed !== undefined && !isDue) return;
  session.looked = { at: steadyNow(), asked };
  session.isDoubted = true;
  session.applied.clear();
  const observed = await session.management.observe();
  await session.management.returnDeadLetters();
  session.observed = holdingsOf(observed);
  const { create, change } = diffAddresses(
    served.map(({ desired }) => desired),
    observed,
  );
  const differing = new Set([...create, ...change]);
  for (const { address, desired, digest } of served) {
    if (!differing.has(desired)) session.applied.set(clientAddress(address), digest);
  }
}

async function ensure(
  ports: Ports,
  session: BrokerSession,
  { id }: SpaceFacts,
  served: readonly Served[],
  outcomes: AddressOutcome[],
  run: Running,
): Promise<{ changed: number; isDropped: boolean }> {
  const missing = served.filter((one) => !isApplied(session, one));
  // Topics before the subscriptions on them.
  missing.sort(
    (a, b) => Number(a.address.spec.type === 'subscription') - Number(b.address.spec.type === 'subscription'),
  );
  outcomes.push(...served.filter((one) => isApplied(session, one)).map(ready));
  // Its failure is awaited only after the next chunk; until then it must not count as unhandled.
  const begin = (judged: readonly AddressOutcome[]): Promise<boolean> => {
    const begun = write(ports, id, judged, run);
    begun.catch(() => undefined);
    return begun;
  };
  let isDropped = false;
  let writing = begin(outcomes.slice());
  const size = chunkSize(missing.length);
  for (let start = 0; start < missing.length; start += size) {
    run.signal.throwIfAborted();
    const chunk = missing.slice(start, start + size);
    const results = await session.management.ensureAddresses(
      chunk.map(({ desired }) => desired),
      {
        onProgress: (done) => {
          run.beat(`${start + done} of ${missing.length} addresses`);
        },
        signal: run.signal,
      },
    );
    const judged = chunk.map((one, index) => outcomeOf(session, one, results[index]));
    outcomes.push(...judged);
    isDropped = (await writing) || isDropped;
    writing = begin(judged);
  }
  isDropped = (await writing) || isDropped;
  return { changed: missing.length, isDropped };
}

function isApplied(session: BrokerSession, { address, digest }: Served): boolean {
  return session.applied.get(clientAddress(address)) === digest;
}

function ready(served: Served): AddressOutcome {
  return { kind: 'ready', served };
}

function outcomeOf(session: BrokerSession, served: Served, result: ItemResult | undefined): AddressOutcome {
  if (result?.ok === true) {
    const { desired, address, digest } = served;
    session.applied.set(clientAddress(address), digest);
    session.observed?.addresses.add(desired.address);
    if (desired.queue !== undefined) session.observed?.queues.set(desired.queue.name, desired.address);
    return ready(served);
  }
  const code = errorCode({ code: result?.code }) ?? 'BROKER_UNAVAILABLE';
  if (code === 'BROKER_UNAVAILABLE')
    throw new SambandError(code, result?.message ?? 'the broker does not answer');
  return {
    kind: 'refused',
    address: served.address,
    reason: code,
    message: result?.message ?? '',
    retry: catalogue[code].retry === 'later' || (code === 'BROKER_CONFLICT' && isNameParked(session, served)),
  };
}

/** Whether its queue's name is that of a queue elsewhere that waits to be removed: then it comes free by itself. */
function isNameParked({ observed, closed }: BrokerSession, { desired: { queue } }: Served): boolean {
  if (queue === undefined) return false;
  const address = observed?.queues.get(queue.name);
  return address !== undefined && closed?.has(closedName({ queue: queue.name, address })) === true;
}

/**
 * Writes the statuses that say something new.
 * @returns whether one was dropped because its Address changed meanwhile: then it is looked at again
 */
async function write(
  ports: Ports,
  id: string,
  judged: readonly AddressOutcome[],
  run: Running,
): Promise<boolean> {
  const now = ports.now().toISOString();
  const writes = judged.filter((outcome) => !isSaid(outcome)).map((outcome) => statusWrite(outcome, now, id));
  if (writes.length === 0) return false;
  const outcomes = await ports.store.patchStatusMany(writes, {
    signal: run.signal,
    onProgress: () => {
      run.beat();
    },
  });
  return outcomes.includes('conflict');
}

import { setTimeout as sleep } from 'node:timers/promises';
import { sayAtRisk, type Holder } from '@samband/gitops';
import { describeRef, kindRef, type RolloutPlanEntry } from '@samband/resources';
import type { BrokerManagement } from '@samband/topology';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import { infraId } from '../space/infra-secret.js';
import { ownInfra } from '../space/remove.js';
import { isOfBroker } from '../space/sessions.js';
import type { RemovalsOfSpace } from './at-risk.js';
import { parts } from './model.js';
import { readRollout, rolloutRef } from './refs.js';

/** A plan does not wait for a broker that does not answer. */
const answerMs = 5_000;

/**
 * Counts what the brokers of this host hold of what a plan removes, and writes it beside the plan's entries. Only what is
 * removed is asked for. Idempotent.
 * @returns what becomes of it, for people; empty when nothing is at risk
 */
export async function countAtRisk(ports: Ports, ref: EntityRef): Promise<string> {
  const rollout = await readRollout(ports.store, ref);
  const removals = (await new Snapshots(ports.store).read(rollout, parts.removals)) as RemovalsOfSpace[];
  const here = removals.filter(({ hostId }) => hostId === ports.hostId);
  const holders = (await Promise.all(here.map((one) => holdersOf(ports, one)))).flat();
  const countedAt = ports.now().toISOString();
  const counts = new Map(holders.map(({ resource, held }) => [resource, held?.messages]));
  const plan = rollout.status?.plan;
  if (plan !== undefined) {
    const entries = plan.entries.map((entry): RolloutPlanEntry => {
      const messages = entry.action === 'remove' ? counts.get(entry.resource) : undefined;
      return messages === undefined ? entry : { ...entry, messages };
    });
    await ports.store.patchStatus({ ref: rolloutRef(ref), status: { plan: { entries, countedAt } } });
  }
  return sayAtRisk(holders, countedAt);
}

async function holdersOf(ports: Ports, removals: RemovalsOfSpace): Promise<Holder[]> {
  const { namespace, name, addresses, parkFor } = removals;
  if (addresses === 'all') {
    const counted = await asked(ports, removals, (management) => management.countMessages());
    const { messages, queues } = counted ?? {};
    return [
      {
        resource: describeRef({ ...kindRef('AddressSpace'), namespace, name }),
        parkFor,
        ...(messages === undefined || queues === undefined ? {} : { held: { messages, queues } }),
      },
    ];
  }
  const counted = await asked(ports, removals, (management) =>
    management.messagesIn(addresses.map(({ queue }) => queue)),
  );
  return addresses.map((address, index): Holder => {
    const messages = counted?.[index];
    return {
      resource: describeRef({ ...kindRef('Address'), namespace, name: address.name }),
      parkFor,
      ...(messages === undefined ? {} : { held: { messages, queues: 1 } }),
    };
  });
}

/** @returns `undefined` when the broker does not answer */
async function asked<T>(
  ports: Ports,
  space: EntityRef,
  ask: (management: BrokerManagement) => Promise<T>,
): Promise<T | undefined> {
  const infra = await ownInfra(ports, space);
  const instance = await ports.runtime.inspectBroker(infraId(ports, space));
  if (infra === undefined || instance === undefined) return undefined;
  // Not its session: that is its space's, and another step may be at work with it.
  const management = ports.brokers.connect({
    instance,
    admin: {
      ca: infra.internalCa.certificate,
      certificate: infra.admin.certificate,
      key: infra.admin.key,
    },
  });
  const timer = new AbortController();
  try {
    return await Promise.race([
      ask(management),
      sleep(answerMs, undefined, { signal: timer.signal, ref: false }),
    ]);
  } catch (error) {
    if (isOfBroker(error)) return undefined;
    throw error;
  } finally {
    timer.abort();
    void management.close();
  }
}

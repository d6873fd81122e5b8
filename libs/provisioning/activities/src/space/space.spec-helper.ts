import type { AddressSpace, KubeObject, ObjectRef } from '@samband/resources';
import { refOf } from '@samband/resources';
import {
  aBrokeredInfraConfig,
  anAddressPlan,
  anAddressSpace,
  anAddressSpacePlan,
  anAuthenticationService,
  Lifetime,
  type MemoryBroker,
} from '@samband/testing';
import type { EntityRef, Failure, SpaceAssessment, SyncCounts } from '@samband/contract';
import type { Ports } from '../ports.js';
import { aRun, World } from '../world.spec-helper.js';
import { assessSpace } from './assess.js';
import { exportSpace } from './exports.js';
import { infraId } from './infra-secret.js';
import { probeSpace } from './probe.js';
import { provisionBroker } from './provision.js';
import { publishSpace } from './publish.js';
import { forgetParked, releaseSpace, removeBroker } from './remove.js';
import { retireBroker } from './retire.js';
import { revokeUsers } from './revoke-users.js';
import { SpaceRevisions } from './revisions.js';
import { BrokerSessions } from './sessions.js';
import { syncAddresses } from './sync-addresses.js';
import { syncUsers } from './sync-users.js';

export const space: EntityRef = { namespace: 'team', name: 'app' };

/** One worker process: what it knows of brokers dies with it. */
export class Worker {
  readonly sessions: BrokerSessions;
  readonly revisions: SpaceRevisions;

  constructor(readonly ports: Ports) {
    this.sessions = new BrokerSessions(ports);
    this.revisions = new SpaceRevisions(ports.view, () => undefined);
  }

  syncAddresses(signal?: AbortSignal): Promise<SyncCounts> {
    return syncAddresses(this.ports, this.sessions, this.revisions, space, aRun(signal));
  }

  syncUsers(signal?: AbortSignal): ReturnType<typeof syncUsers> {
    return syncUsers(this.ports, this.sessions, space, aRun(signal));
  }

  /** What the workflow does for a space that goes, and for what was kept of one that is gone, until it rests. */
  async attendRemoval(ref = space): Promise<SpaceAssessment> {
    for (;;) {
      const assessment = await assessSpace(this.ports, ref);
      if (assessment.kind === 'terminating') {
        if (assessment.hostId !== undefined) await retireBroker(this.ports, this.sessions, ref, aRun());
        await releaseSpace(this.ports, ref);
      } else if (assessment.kind === 'expired') {
        await removeBroker(this.ports, this.sessions, ref);
        await forgetParked(this.ports, ref);
      } else return assessment;
    }
  }

  revokeUsers(why?: Failure): ReturnType<typeof revokeUsers> {
    return revokeUsers(this.ports, this.sessions, space, aRun(), why);
  }

  /** All steps of a run, as the workflow takes them. */
  async bringUp(ref = space): Promise<SyncCounts> {
    await assessSpace(this.ports, ref);
    await provisionBroker(this.ports, this.sessions, ref, aRun());
    await syncUsers(this.ports, this.sessions, ref, aRun());
    const counts = await syncAddresses(this.ports, this.sessions, this.revisions, ref, aRun());
    await probeSpace(this.ports, ref);
    await exportSpace(this.ports, ref);
    await publishSpace(this.ports, this.revisions, ref, { outcome: 'ready', counts });
    return counts;
  }
}

/** A world with the space `team/app`. */
export class SpaceWorld extends World {
  async withSpace(given: Parameters<typeof anAddressSpace>[0] = {}): Promise<this> {
    await this.withPlans();
    await this.add(anAddressSpace(given));
    return this;
  }

  /** The watch tells of operators' objects again, and of nothing else. */
  async withPlansSeen(): Promise<void> {
    for (const object of [
      anAddressSpacePlan(),
      anAddressPlan(),
      aBrokeredInfraConfig(),
      anAuthenticationService(),
    ])
      await this.edit(refOf(object), { metadata: { annotations: { seen: 'again' } } });
  }

  worker(life = new Lifetime()): Worker {
    return new Worker(this.ports(life));
  }

  get id(): string {
    return infraId(this.ports(), space);
  }

  get broker(): MemoryBroker {
    return this.infra.broker(this.id);
  }

  async space(): Promise<AddressSpace> {
    return (await this.get(refOf(anAddressSpace()))) as AddressSpace;
  }

  async remove(object: KubeObject | ObjectRef): Promise<void> {
    await this.memory.store.delete('metadata' in object ? refOf(object) : object);
  }

  async statusOf<T extends KubeObject>(object: T): Promise<T['status']> {
    return ((await this.get(refOf(object))) as T | undefined)?.['status'] as T['status'];
  }

  /** Later, by so many hours. */
  wait(hours: number): void {
    this.now = new Date(this.now.getTime() + hours * 3_600_000);
  }
}

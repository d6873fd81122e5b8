import { ParsedFiles } from '@samband/gitops';
import type { EntityRef, PlanOutcome, RolloutRecord } from '@samband/contract';
import {
  annotations,
  finalizers,
  refOf,
  spaceOfAddress,
  type KubeObject,
  type ResourceChange,
} from '@samband/resources';
import { aGitSource, aRollout, Lifetime } from '@samband/testing';
import type { Ports } from '../ports.js';
import { aRun, World } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitReady, awaitRestored } from './await.js';
import { checkoutCommit } from './checkout.js';
import { commitRollout } from './commit.js';
import { recordRollout } from './load.js';
import { causeAnnotation } from './made.js';
import { planRollout } from './plan.js';
import { pruneRollout } from './prune.js';
import { restoreRollout } from './restore.js';

export const aMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'team', name },
  data,
});

export const deployer = 'system:serviceaccount:team:deployer';

/** A world with a source, its service account, and somebody who brings spaces, addresses and users into force. */
export class RolloutWorld extends World {
  /** `Kind name` of objects that never become ready. */
  readonly stalled = new Set<string>();
  /** Reasons why objects are not ready and looked at again and again, by `Kind name`. */
  readonly lacking = new Map<string, string>();
  /** Whether the status of a space follows its addresses. */
  isCounting = true;
  /** While set, spaces that are being removed stay: their brokers take their time. */
  private isHolding = false;
  private count = 0;
  private made = 0;

  override async withPlans(): Promise<this> {
    await super.withPlans();
    await this.add({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'team', name: 'deployer' },
    });
    await this.add(aGitSource());
    this.memory.view.subscribe((change) => {
      queueMicrotask(() => void this.operate(change));
    });
    return this;
  }

  /** A commit with these objects, and its Rollout. */
  async commit(objects: readonly object[]): Promise<EntityRef> {
    this.count += 1;
    const sha = this.count.toString(16).padStart(40, '0').split('').reverse().join('');
    this.head = sha;
    this.commits.set(
      sha,
      objects.map((object, index) => ({ path: `${index}.json`, text: JSON.stringify(object) })),
    );
    return this.attempt(sha, 1);
  }

  /** Another Rollout of a commit. */
  async attempt(commit: string, attempt: number): Promise<EntityRef> {
    this.made += 1;
    const { generation } = (await this.get(refOf(aGitSource())))?.metadata ?? {};
    const annotations = { [causeAnnotation]: JSON.stringify({ sequence: this.made, generation }) };
    const rollout = aRollout({ metadata: { annotations }, spec: { commit, attempt } });
    await this.memory.store.create(rollout);
    return { namespace: 'team', name: rollout.metadata.name };
  }

  /** All steps, as the workflow takes them. */
  async rollOut(objects: readonly object[], ports = this.ports()): Promise<EntityRef> {
    const rollout = await this.commit(objects);
    await this.prepare(rollout, ports);
    await applyRollout(ports, rollout, aRun());
    await awaitReady(ports, rollout, aRun());
    await this.finish(rollout, ports);
    return rollout;
  }

  /** Whatever is asked about is confirmed. */
  async prepare(rollout: EntityRef, ports = this.ports()): Promise<void> {
    await checkoutCommit(ports, rollout, aRun());
    const plan = (): Promise<PlanOutcome> => planRollout(ports, new ParsedFiles(1_000), rollout, aRun());
    let outcome = await plan();
    if (outcome.kind === 'unconfirmed') {
      await this.confirm(rollout, outcome.summary.digest);
      outcome = await plan();
    }
    if (outcome.kind === 'refused') throw new Error(outcome.failure.message);
  }

  confirm({ namespace, name }: EntityRef, digest: string): Promise<unknown> {
    const ref = { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace, name };
    return this.edit(ref, { metadata: { annotations: { [annotations.confirm]: digest } } });
  }

  async finish(rollout: EntityRef, ports = this.ports()): Promise<void> {
    await commitRollout(ports, rollout);
    const steps: RolloutRecord['steps'] = [
      {
        name: 'commit',
        phase: 'Succeeded',
        attempt: 1,
        startedAt: this.now.toISOString(),
        finishedAt: new Date(this.now.getTime() + this.count).toISOString(),
      },
    ];
    await recordRollout(ports, rollout, { phase: 'Verifying', steps });
    await pruneRollout(ports, rollout, aRun());
    await recordRollout(ports, rollout, { phase: 'Succeeded', steps });
  }

  async goBack(rollout: EntityRef, ports = this.ports()): Promise<{ restored: number; conflicts: number }> {
    const outcome = await restoreRollout(ports, rollout, aRun());
    await awaitRestored(ports, rollout, aRun());
    return outcome;
  }

  /** What the commits are about, without status and versions; not the rollouts, their snapshots, the source. */
  tenants(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.memory.desired()).filter(
        ([key]) =>
          !/\/(Rollout|GitSource)\//.test(key) && !/^\/Secret\/(team\/messaging-|enmasse-infra\/)/.test(key),
      ),
    );
  }

  async problemsOf({
    namespace,
    name,
  }: EntityRef): Promise<{ code: string; message: string; resource: string }[]> {
    const rollout = await this.get({ apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace, name });
    return (rollout?.['status'] as { problems?: never[] } | undefined)?.problems ?? [];
  }

  holdRemovals(): void {
    this.isHolding = true;
  }

  releaseRemovals(): void {
    this.isHolding = false;
    for (const after of this.memory.all()) {
      if (after.metadata.deletionTimestamp !== undefined)
        void this.operate({ ref: refOf(after), before: after, after });
    }
  }

  /** Until nothing happens by itself any more. */
  async settled(): Promise<void> {
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** What the space's workflow does, as far as a rollout sees it. */
  private async operate({ after, before }: ResourceChange): Promise<void> {
    const object = after ?? before;
    if (object === undefined) return;
    if (object.kind === 'Address' && this.isCounting) await this.countAddresses(object);
    if (after === undefined || !['AddressSpace', 'Address', 'MessagingUser'].includes(after.kind)) return;
    const { store } = this.memory;
    const held = after.metadata.finalizers ?? [];
    if (after.metadata.deletionTimestamp !== undefined) {
      if (this.isHolding) return;
      await store.patch(refOf(after), { metadata: { finalizers: null } }).catch(() => undefined);
      return;
    }
    if (after.kind === 'AddressSpace' && !held.includes(finalizers.addressSpace))
      await store.patch(refOf(after), { metadata: { finalizers: [finalizers.addressSpace] } }, manager);
    const id = `${after.kind} ${after.metadata.name}`;
    const isStalled = this.stalled.has(id);
    const reason = this.lacking.get(id);
    const status = (type: string, value: boolean): object => ({
      type,
      status: value ? 'True' : 'False',
      reason: reason ?? 'Test',
      message: isStalled
        ? 'the broker refused it'
        : reason === undefined
          ? ''
          : `it lacks something: ${reason}`,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    await store.patchStatus({
      ref: refOf(after),
      status: {
        observedGeneration: after.metadata.generation,
        conditions: [status('Ready', !isStalled && reason === undefined), status('Stalled', isStalled)],
      },
    });
  }

  private async countAddresses({ metadata }: KubeObject): Promise<void> {
    const { namespace = '' } = metadata;
    const name = spaceOfAddress(metadata.name) ?? '';
    const declared = this.memory.view
      .byIndex('space', `${namespace}/${name}`)
      .filter(({ kind }) => kind === 'Address').length;
    await this.memory.store.patchStatus({
      ref: { apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace', namespace, name },
      status: { addresses: { declared, ready: declared, parked: 0 } },
    });
  }
}

const manager = { fieldManager: 'samband-metadata' };

/**
 * Calls `run` with workers that are killed after 0, 1, 2, … calls, each in a world of its own, until one lives to
 * the end; then checks that world.
 */
export async function killedAtEveryCall(
  prepare: () => Promise<{ world: RolloutWorld; rollout: EntityRef }>,
  run: (ports: Ports, rollout: EntityRef, world: RolloutWorld) => Promise<unknown>,
  after: (world: RolloutWorld, rollout: EntityRef, killedAfter: number) => Promise<void>,
): Promise<number> {
  for (let calls = 0; ; calls += 1) {
    const { world, rollout } = await prepare();
    const life = new Lifetime(calls);
    const failure: unknown = await run(world.ports(life), rollout, world).then(
      () => undefined,
      (error: unknown) => error ?? new Error('nothing was thrown'),
    );
    // Whatever else fails is the step's own fault.
    if (failure !== undefined && !life.isOver) throw failure as Error;
    await world.settled();
    await after(world, rollout, calls);
    if (failure === undefined) return calls;
  }
}

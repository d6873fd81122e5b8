import type {
  EntityRef,
  RecordOutcome,
  RolloutRecord,
  RolloutRequests,
  RolloutState,
  RolloutStep,
  WayBack,
} from '@samband/contract';
import { annotations, isFinished, setStanding, type Judgement, type Rollout } from '@samband/resources';
import { SambandError, toReason } from '@samband/errors';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import { newerThan, newestOf } from './newer.js';
import { rolloutRef } from './refs.js';

export async function loadRollout({ store }: Ports, ref: EntityRef): Promise<RolloutState> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  if (rollout === undefined) return { kind: 'absent' };
  const status = rollout.status ?? {};
  const steps = (status.steps ?? []).map((step) => ({ ...step, startedAt: step.startedAt ?? '' }));
  const phase = status.phase ?? 'Pending';
  return {
    kind: 'present',
    ...(rollout.metadata.uid === undefined ? {} : { uid: rollout.metadata.uid }),
    source: rollout.spec.source,
    phase,
    steps,
    committed: steps.some((step) => step.name === 'commit' && step.phase === 'Succeeded'),
    ...(phase === 'AwaitingConfirmation' ? { awaits: status.message ?? '' } : {}),
    ...(phase === 'RollingBack' || phase === 'Failed' ? { wayBack: wayBackOf(status) } : {}),
  };
}

/** What the last step before the way back came to says why there is one. */
function wayBackOf(status: NonNullable<Rollout['status']>): WayBack {
  const steps = status.steps ?? [];
  const turn = steps.findIndex(({ name }) => name === 'restore');
  const turned = turn < 0 ? steps.at(-1) : steps[turn - 1];
  if (turned?.phase === 'Failed') {
    const { message = '' } = turned;
    return { to: 'RolledBack', failure: { code: 'INTERNAL', message, retry: 'later' } };
  }
  return { to: status.lastHandled?.cancel === undefined ? 'Superseded' : 'Cancelled' };
}

export async function readRequests(ports: Ports, ref: EntityRef, uid?: string): Promise<RolloutRequests> {
  const rollout = await readSame(ports, ref, uid);
  if (rollout === undefined) return { isGone: true };
  const asked = rollout.metadata.annotations ?? {};
  const handled = rollout.status?.lastHandled ?? {};
  const cancel = requestOf(asked[annotations.cancel]);
  const retry = requestOf(asked[annotations.retry]);
  const confirm = requestOf(asked[annotations.confirm]);
  const others = {
    ...(cancel === undefined || cancel === handled.cancel ? {} : { cancel }),
    ...(confirm === undefined || confirm === handled.confirm ? {} : { confirm }),
  };
  if (retry === undefined || retry === handled.retry) return others;
  const overtakenBy = rollout.status?.phase === 'Failed' ? await newerThan(ports, rollout) : undefined;
  return {
    retry,
    ...others,
    ...(overtakenBy === undefined ? {} : { overtakenBy }),
  };
}

/** Another object of that name is another rollout, with a workflow of its own. */
async function readSame({ store }: Ports, ref: EntityRef, uid?: string): Promise<Rollout | undefined> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  return uid === undefined || rollout?.metadata.uid === uid ? rollout : undefined;
}

/** What the CRD admits of an annotation's value in the status; what is compared is cut the same. */
function requestOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : clip(value, 1_024);
}

/** Somebody else's writes between reading and writing, after which this one is given up for a while. */
const maxConflicts = 10;

/**
 * The only place that writes phase, steps and conditions of a Rollout. Written against the version that was read, so
 * that a late write of an attempt that was given up cannot turn time back.
 */
export async function recordRollout(
  ports: Ports,
  ref: EntityRef,
  record: RolloutRecord,
): Promise<RecordOutcome> {
  for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
    const rollout = await readSame(ports, ref, record.uid);
    if (rollout === undefined) return { isGone: true };
    if (isBehind(record, rollout)) return { isGone: false };
    const successor = isGivingWay(record) ? await newestOf(ports, rollout) : undefined;
    const status = statusOf(rollout, record, ports.now().toISOString(), successor);
    const { resourceVersion = '' } = rollout.metadata;
    const outcome = await ports.store.patchStatus({ ref: rolloutRef(ref), status, resourceVersion });
    if (outcome === 'conflict') continue;
    // Asked after it was written that this one goes on: whoever made another before that reads it, or is found here.
    const overtakenBy = record.resumes === true ? await newerThan(ports, rollout) : undefined;
    return { isGone: outcome === 'gone', ...(overtakenBy === undefined ? {} : { overtakenBy }) };
  }
  throw new SambandError('KUBERNETES_CONFLICT', `the status of Rollout ${ref.name} changes all the time`);
}

/**
 * Whether the status tells of more than the record: it is told again, after a worker was killed before the engine heard
 * that it was told. What ends a rollout or turns it back is never behind.
 */
function isBehind({ phase, steps, failure }: RolloutRecord, { status }: Rollout): boolean {
  const told = status?.steps ?? [];
  if (isFinished(phase) || phase === 'RollingBack' || failure !== undefined) return false;
  if (steps.length > told.length || told.length >= listedLimit) return false;
  const isPart = steps.every(
    ({ name, attempt }, index) => told[index]?.name === name && told[index].attempt === attempt,
  );
  if (!isPart) return false;
  return (
    steps.length < told.length || (steps.at(-1)?.phase === 'Running' && told.at(-1)?.phase !== 'Running')
  );
}

function statusOf(
  { status, metadata }: Rollout,
  record: RolloutRecord,
  at: string,
  successor: Rollout | undefined,
): object {
  const judgement = judge(record, successor);
  const conditions = setStanding(status?.conditions, judgement, at);
  return {
    phase: record.phase,
    steps: listedSteps(record.steps),
    conditions,
    observedGeneration: metadata.generation ?? 1,
    message: clip(
      isGivingWay(record) ? judgement.message : (record.failure?.message ?? record.awaits ?? ''),
      32_768,
    ),
    ...(isFinished(record.phase) && status?.finishedAt === undefined ? { finishedAt: at } : {}),
    ...(record.handled === undefined ? {} : { lastHandled: record.handled }),
  };
}

/** As many steps as the CRD admits. */
const listedLimit = 128;

/** The newest, and the commit point, from which there is no way back. */
function listedSteps(steps: RolloutRecord['steps']): RolloutRecord['steps'] {
  const surplus = steps.length - listedLimit;
  const isCommitPoint = (step: RolloutStep): boolean => step.name === 'commit' && step.phase === 'Succeeded';
  const early = steps.slice(0, Math.max(0, surplus)).filter(isCommitPoint).slice(-1);
  return [...early, ...steps.slice(Math.max(0, surplus + early.length))].map((step) =>
    step.message === undefined ? step : { ...step, message: clip(step.message, 8_192) },
  );
}

function isGivingWay({ phase, wayBack }: RolloutRecord): boolean {
  return phase === 'Superseded' || (phase === 'RollingBack' && wayBack?.to === 'Superseded');
}

/** By whom a rollout was superseded, what became of what it had applied, and why it went back before that. */
function successionOf({ phase, steps, failure }: RolloutRecord, successor: Rollout | undefined): string {
  const by =
    successor === undefined
      ? 'its GitSource rolls it out no longer'
      : `rollout ${successor.metadata.name} (commit ${successor.spec.commit.slice(0, 12)}) took over`;
  const isApplied = steps.some(({ name }) => name === 'apply');
  if (!isApplied) return `${by} before anything was applied`;
  if (phase === 'RollingBack') return `${by}: what was applied is being taken back`;
  const why = failure === undefined ? '' : `; before that it failed: ${failure.message}`;
  return `${by}: what was applied was taken back${why}`;
}

function judge(record: RolloutRecord, successor: Rollout | undefined): Judgement {
  const { phase, failure, steps, awaits = '' } = record;
  const step = steps.at(-1)?.name ?? 'start';
  const reason = failure === undefined ? phase : toReason(failure.code);
  const message = failure?.message ?? '';
  const stalled = (text: string): Judgement => ({ standing: 'stalled', reason, message: text });
  switch (phase) {
    case 'Succeeded':
      return { standing: 'ready', reason: 'Succeeded', message: 'the commit is applied and works' };
    case 'Refused':
    case 'RolledBack':
      return failure?.retry === 'never' ? stalled(message) : { standing: 'waiting', reason, message };
    case 'Failed':
      if (failure?.code === 'ROLLOUT_OVERTAKEN') return stalled(message);
      return stalled(
        `stuck at step ${step}: ${message}. Mend it, then annotate the Rollout with samband.dev/retry=<any new text>`,
      );
    case 'Superseded':
      return { ...stalled(successionOf(record, successor)), reason: 'Superseded' };
    case 'Cancelled':
      return { ...stalled('cancelled on request; everything is as it was before'), reason: 'Cancelled' };
    case 'AwaitingConfirmation':
      return stalled(awaits);
    case 'RollingBack': {
      const why = isGivingWay(record) ? successionOf(record, successor) : message;
      return { standing: 'reconciling', reason: phase, message: why === '' ? `at step ${step}` : why };
    }
    case 'Pending':
    case 'Planned':
    case 'Applying':
    case 'Verifying':
      return { standing: 'reconciling', reason: phase, message: `at step ${step}` };
  }
}

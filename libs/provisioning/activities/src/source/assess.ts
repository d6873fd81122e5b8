import {
  classOfProblems,
  decideSource,
  type RolloutCause,
  type RolloutOrder,
  type RolloutView,
  type SourceDecision,
} from '@samband/gitops';
import { errorCode, isRetryable } from '@samband/errors';
import {
  annotations,
  commitLabel,
  finalizers,
  findCondition,
  gitSourceSettings,
  isFinished,
  labels,
  type GitSource,
  type KubeObject,
  type Rollout,
} from '@samband/resources';
import type { EntityRef, LookReason, SourceAssessment } from '@samband/contract';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { remoteOf } from '../rollout/checkout.js';
import { rolloutRef, sourceRef } from '../rollout/refs.js';
import { publishSource, type HeadLook } from './publish.js';
import type { RecentLooks } from './recent-looks.js';

/** What later decisions must know of why a Rollout was made. */
export const causeAnnotation = 'samband.dev/cause';

/**
 * Looks at the head of the branch (unless it was just seen) and at the source's rollouts, decides what comes next, and
 * writes that down: the new Rollout object, the status. Idempotent: deciding again from what it wrote gives nothing more
 * to do.
 */
export async function assessSource(
  ports: Ports,
  looks: RecentLooks,
  ref: EntityRef,
  reason: LookReason,
  run: Running,
): Promise<SourceAssessment> {
  const { store } = ports;
  const source = (await store.get(sourceRef(ref))) as GitSource | undefined;
  if (source === undefined) return { kind: 'absent' };
  const rollouts = await listRollouts(ports, source);
  if (source.metadata.deletionTimestamp !== undefined) {
    if (source.metadata.finalizers?.includes(finalizers.gitSource) !== true) return { kind: 'absent' };
    return { kind: 'terminating', running: rollouts.some(isRunning) };
  }
  await ensureFinalizer(ports, source);
  const settings = gitSourceSettings(source.spec);
  const requestedAt = requestOf(source, annotations.requestedAt, 1_024);
  const rollbackTo = requestOf(source, annotations.rollbackTo, 253);
  const handled = source.status?.lastHandled ?? {};
  const isSyncAsked =
    reason === 'asked' || (requestedAt !== undefined && requestedAt !== handled.requestedAt);
  const decide = (head: HeadLook): SourceDecision =>
    decideSource({
      source: ref.name,
      head: head.kind === 'seen' ? head.commit : undefined,
      generation: source.metadata.generation ?? 1,
      isSuspended: settings.suspend,
      interval: Math.round(settings.intervalMs / 1_000),
      rollouts: rollouts.map(toView),
      requests: {
        isSyncAsked,
        ...(rollbackTo === undefined || rollbackTo === handled.rollbackTo ? {} : { rollbackTo }),
      },
      now: ports.now().getTime(),
    });
  const lookNow = async (): Promise<HeadLook> => {
    if (settings.suspend) return { kind: 'suspended' };
    const at = ports.steadyNow().getTime();
    const seen = await lookAtHead(ports, source, run);
    if (seen.kind === 'seen') looks.remember(source, requestedAt, seen.commit, at);
    return seen;
  };
  const mayRemember = reason === 'woken' && !settings.suspend;
  let recent = mayRemember ? looks.find(source, requestedAt, ports.steadyNow().getTime()) : undefined;
  let look: HeadLook = recent === undefined ? await lookNow() : { kind: 'seen', commit: recent.commit };
  let decision = decide(look);
  if (recent !== undefined && decision.create !== undefined) {
    // Another worker may have seen a newer head since: no rollout is made of a memory.
    recent = undefined;
    look = await lookNow();
    decision = decide(look);
  }
  if (decision.create !== undefined) await createRollout(ports, source, decision.create);
  for (const name of decision.forget) await store.delete(rolloutRef({ namespace: ref.namespace, name }));
  await publishSource(ports, source, { look, decision, rollouts, requestedAt, rollbackTo });
  return {
    kind: 'present',
    supersede: decision.supersede,
    nextCheckSeconds: Math.min(decision.nextCheckIn, recent?.dueInSeconds ?? Infinity),
    summary: summarise(look, decision),
    ...(decision.start === undefined ? {} : { start: decision.start }),
    ...(isSyncAsked && isIdle(decision) ? { isInVain: true } : {}),
    ...(look.kind === 'failed' ? { isOwed: true } : {}),
  };
}

/** As much of the annotation as the status can hold: that is what is compared, too. */
function requestOf({ metadata }: GitSource, name: string, limit: number): string | undefined {
  const value = metadata.annotations?.[name];
  return value === undefined ? undefined : clip(value, limit);
}

/** Read from the API server itself: a Rollout that was just made must not be made again. */
async function listRollouts({ store }: Ports, source: GitSource): Promise<Rollout[]> {
  const { items } = await store.list(
    { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout' },
    { namespace: source.metadata.namespace ?? '', labelSelector: `${labels.source}=${source.metadata.name}` },
  );
  return items as unknown as Rollout[];
}

/** Somebody who stamps the source at the same moment is no reason to come back later. */
const finalizerAttempts = 3;

async function ensureFinalizer({ store }: Ports, source: GitSource): Promise<void> {
  const { namespace = '', name } = source.metadata;
  let metadata: KubeObject['metadata'] | undefined = source.metadata;
  for (let attempt = 1; metadata !== undefined; attempt += 1) {
    const { finalizers: present = [], resourceVersion } = metadata;
    if (present.includes(finalizers.gitSource)) return;
    try {
      await store.patch(
        sourceRef({ namespace, name }),
        { metadata: { finalizers: [...present, finalizers.gitSource], resourceVersion } },
        { fieldManager: 'samband-metadata' },
      );
      return;
    } catch (error) {
      if (errorCode(error) !== 'CONFLICT' || attempt >= finalizerAttempts) throw error;
      metadata = (await store.get(sourceRef({ namespace, name })))?.metadata;
    }
  }
}

async function lookAtHead(ports: Ports, source: GitSource, run: Running): Promise<HeadLook> {
  try {
    const commit = await ports.git.head(await remoteOf(ports, source), { signal: run.signal });
    return { kind: 'seen', commit };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return {
      kind: 'failed',
      code: errorCode(error) ?? 'INTERNAL',
      message: error instanceof Error ? error.message : '',
      retry: isRetryable(error),
    };
  }
}

async function createRollout({ store }: Ports, source: GitSource, order: RolloutOrder): Promise<void> {
  const { namespace = '', name } = source.metadata;
  const { cause, head, generation, follows, rollbackTo } = order;
  const rollout: KubeObject = {
    apiVersion: 'samband.dev/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: order.name,
      namespace,
      labels: {
        [labels.source]: name,
        [labels.sourceNamespace]: namespace,
        [labels.commit]: commitLabel(order.commit),
      },
      annotations: { [causeAnnotation]: JSON.stringify({ cause, head, generation, follows, rollbackTo }) },
    },
    spec: { source: name, commit: order.commit, attempt: order.attempt },
  };
  try {
    await store.create(rollout);
  } catch (error) {
    // An earlier try of this very look made it.
    if (errorCode(error) !== 'CONFLICT') throw error;
  }
}

function toView(rollout: Rollout): RolloutView {
  const { metadata, spec, status } = rollout;
  const phase = status?.phase ?? 'Pending';
  const made = causeOf(rollout);
  const failure = failureOf(rollout);
  const retry = metadata.annotations?.[annotations.retry];
  return {
    name: metadata.name,
    commit: spec.commit,
    attempt: spec.attempt,
    phase,
    cause: made.cause ?? 'head',
    head: made.head ?? spec.commit,
    generation: made.generation ?? 1,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    // A stuck rollout answers `retry` itself.
    isRetryAsked: phase !== 'Failed' && retry !== undefined && retry !== status?.lastHandled?.retry,
    ...(made.follows === undefined ? {} : { follows: made.follows }),
    ...(made.rollbackTo === undefined ? {} : { rollbackTo: made.rollbackTo }),
    ...(status?.finishedAt === undefined ? {} : { finishedAt: Date.parse(status.finishedAt) }),
    ...(failure === undefined ? {} : { failure }),
  };
}

interface Made {
  readonly cause?: RolloutCause;
  readonly head?: string;
  readonly generation?: number;
  readonly follows?: string;
  readonly rollbackTo?: string;
}

function causeOf({ metadata }: Rollout): Made {
  try {
    return JSON.parse(metadata.annotations?.[causeAnnotation] ?? '{}') as Made;
  } catch {
    return {};
  }
}

function failureOf({ status }: Rollout): 'mistake' | 'missing' | 'later' | undefined {
  const phase = status?.phase;
  if (phase !== 'Refused' && phase !== 'RolledBack') return undefined;
  if (phase === 'Refused' && (status?.problems?.length ?? 0) > 0)
    return classOfProblems(status?.problems ?? []);
  return findCondition(status?.conditions, 'Stalled')?.status === 'True' ? 'mistake' : 'later';
}

function isRunning({ status }: Rollout): boolean {
  return !isFinished(status?.phase ?? 'Pending');
}

function isIdle({ create, start, supersede }: SourceDecision): boolean {
  return create === undefined && start === undefined && supersede.length === 0;
}

function summarise(look: HeadLook, decision: SourceDecision): string {
  const made = decision.create;
  if (made !== undefined) return `${made.cause}: ${made.name}`;
  if (look.kind === 'failed') return look.message.slice(0, 200);
  return '';
}

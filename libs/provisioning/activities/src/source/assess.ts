import {
  decideSource,
  type DriftToHeal,
  type ParsedFiles,
  type RolloutOrder,
  type SourceDecision,
  yieldsToNewer,
} from '@samband/gitops';
import { errorCode, isRetryable } from '@samband/errors';
import {
  annotations,
  commitLabel,
  describeRef,
  finalizers,
  gitSourceSettings,
  isFinished,
  labels,
  type GitSource,
  type KubeObject,
} from '@samband/resources';
import type { EntityRef, LookReason, SourceAssessment } from '@samband/contract';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { remoteOf } from '../rollout/checkout.js';
import { causeAnnotation, isMadeFor, listRollouts, type Made } from '../rollout/made.js';
import { rolloutRef, sourceRef } from '../rollout/refs.js';
import type { DriftWatch } from './drift-watch.js';
import { findDrift, nextReadIn, type Drift } from './find-drift.js';
import { publishSource, type HeadLook } from './publish.js';
import type { RecentLooks } from './recent-looks.js';
import { toView } from './rollout-view.js';

/** What a worker remembers of sources, so that a look costs what has changed. */
export interface SourceMemory {
  readonly looks: RecentLooks;
  readonly watch: DriftWatch;
  readonly known: ParsedFiles;
}

/**
 * Looks at the head of the branch (unless it was just seen) and at the source's rollouts, decides what comes next, and
 * writes that down: the new Rollout object, the status. Idempotent: deciding again from what it wrote gives nothing more
 * to do.
 */
export async function assessSource(
  ports: Ports,
  { looks, ...memory }: SourceMemory,
  ref: EntityRef,
  reason: LookReason,
  run: Running,
): Promise<SourceAssessment> {
  const { store } = ports;
  const source = (await store.get(sourceRef(ref))) as GitSource | undefined;
  if (source === undefined) {
    memory.watch.forget(ref);
    return { kind: 'absent' };
  }
  const listed = await listRollouts(store, ref);
  const rollouts = listed.filter((rollout) => isMadeFor(source, rollout));
  if (source.metadata.deletionTimestamp !== undefined) {
    if (source.metadata.finalizers?.includes(finalizers.gitSource) !== true) return { kind: 'absent' };
    const unfinished = rollouts.map(toView).filter(({ phase }) => !isFinished(phase));
    // Nobody starts what still waits: it has to be told that its turn will not come. What has begun goes back.
    const supersede = unfinished.filter(yieldsToNewer).map(({ name }) => name);
    return { kind: 'terminating', running: unfinished.length > 0, supersede };
  }
  await ensureFinalizer(ports, source);
  const settings = gitSourceSettings(source.spec);
  const requestedAt = requestOf(source, annotations.requestedAt, 1_024);
  const rollbackTo = requestOf(source, annotations.rollbackTo, 253);
  const handled = source.status?.lastHandled ?? {};
  const isSyncAsked =
    reason === 'asked' || (requestedAt !== undefined && requestedAt !== handled.requestedAt);
  const isQuiet = !settings.suspend && rollouts.every(({ status }) => isFinished(status?.phase ?? 'Pending'));
  const drift = isQuiet ? await findDrift(ports, memory, source, rollouts, run) : undefined;
  const toHeal = drift === undefined ? undefined : whatToHeal(drift);
  const decide = (head: HeadLook, all = listed): SourceDecision =>
    decideSource({
      source: ref.name,
      head: head.kind === 'seen' ? head.commit : undefined,
      generation: source.metadata.generation ?? 1,
      isSuspended: settings.suspend,
      interval: Math.round(settings.intervalMs / 1_000),
      rollouts: all.filter((rollout) => isMadeFor(source, rollout)).map(toView),
      ofNamesakes: all.filter((rollout) => !isMadeFor(source, rollout)).map(toView),
      requests: {
        isSyncAsked,
        ...(rollbackTo === undefined || rollbackTo === handled.rollbackTo ? {} : { rollbackTo }),
      },
      ...(toHeal === undefined ? {} : { drift: toHeal }),
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
  let next: Pick<SourceDecision, 'start' | 'supersede' | 'nextCheckIn'> = decision;
  if (decision.create !== undefined) {
    await createRollout(ports, source, decision.create);
    // One that was stuck may have been told to go on meanwhile: of the two, each looks after it has written.
    const after = decide(look, await listRollouts(store, ref));
    const { supersede, nextCheckIn } = decision;
    next = after.create === undefined ? after : { supersede, nextCheckIn };
  }
  for (const name of decision.forget) await store.delete(rolloutRef({ namespace: ref.namespace, name }));
  await publishSource(ports, source, { look, decision, rollouts, drift, requestedAt, rollbackTo });
  return {
    kind: 'present',
    supersede: next.supersede,
    nextCheckSeconds: Math.min(
      next.nextCheckIn,
      recent?.dueInSeconds ?? Infinity,
      isQuiet ? nextReadIn(memory.watch, source) : Infinity,
    ),
    summary: summarise(look, decision),
    ...(next.start === undefined ? {} : { start: next.start }),
    ...(isSyncAsked && isIdle(decision) ? { isInVain: true } : {}),
    ...(look.kind === 'failed' ? { isOwed: true } : {}),
  };
}

function whatToHeal({ commit, objects }: Drift): DriftToHeal | undefined {
  const due = objects.filter(
    ({ mode, difference: { kind } }) => mode === 'heal' && (kind === 'missing' || kind === 'changed'),
  );
  return due.length === 0 ? undefined : { commit, resources: due.map(({ ref }) => describeRef(ref)) };
}

/** As much of the annotation as the status can hold: that is what is compared, too. */
function requestOf({ metadata }: GitSource, name: string, limit: number): string | undefined {
  const value = metadata.annotations?.[name];
  return value === undefined ? undefined : clip(value, limit);
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
      if (errorCode(error) !== 'KUBERNETES_CONFLICT' || attempt >= finalizerAttempts) throw error;
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
  const { cause, head, generation, sequence, follows, rollbackTo } = order;
  const made = {
    cause,
    head,
    generation,
    sequence,
    source: source.metadata.uid,
    follows,
    rollbackTo,
  } satisfies Made;
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
      annotations: { [causeAnnotation]: JSON.stringify(made) },
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

function isIdle({ create, start, supersede }: SourceDecision): boolean {
  return create === undefined && start === undefined && supersede.length === 0;
}

function summarise(look: HeadLook, decision: SourceDecision): string {
  const made = decision.create;
  if (made !== undefined) return `${made.cause}: ${made.name}`;
  if (look.kind === 'failed') return look.message.slice(0, 200);
  return '';
}

import type { EntityRef, RolloutRecord, RolloutRequests, RolloutState } from '@samband/contract';
import { annotations, isFinished, setCondition, type Condition, type Rollout } from '@samband/resources';
import { toReason } from '@samband/errors';
import type { Ports } from '../ports.js';
import { rolloutRef } from './refs.js';

export async function loadRollout({ store }: Ports, ref: EntityRef): Promise<RolloutState> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  if (rollout === undefined) return { kind: 'absent' };
  const status = rollout.status ?? {};
  const steps = (status.steps ?? []).map((step) => ({ ...step, startedAt: step.startedAt ?? '' }));
  const phase = status.phase ?? 'Pending';
  return {
    kind: 'present',
    source: rollout.spec.source,
    phase,
    steps,
    committed: steps.some((step) => step.name === 'commit' && step.phase === 'Succeeded'),
    ...(phase === 'RollingBack' || phase === 'Failed' ? { wayBack: wayBackOf(status) } : {}),
  };
}

/** Why a rollout turned back is in its Ready condition; that it was cancelled, in what it handled. */
function wayBackOf(status: NonNullable<Rollout['status']>): NonNullable<RolloutRecord['wayBack']> {
  if (status.lastHandled?.cancel !== undefined) return { to: 'Cancelled' };
  const turned = status.steps?.find((step) => step.phase === 'Failed');
  return {
    to: 'RolledBack',
    ...(turned?.message === undefined
      ? {}
      : { failure: { code: 'INTERNAL', message: turned.message, retry: 'later' as const } }),
  };
}

export async function readRequests({ store }: Ports, ref: EntityRef): Promise<RolloutRequests> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  const asked = rollout?.metadata.annotations ?? {};
  const handled = rollout?.status?.lastHandled ?? {};
  const cancel = asked[annotations.cancel];
  const retry = asked[annotations.retry];
  return {
    ...(cancel === undefined || cancel === handled.cancel ? {} : { cancel }),
    ...(retry === undefined || retry === handled.retry ? {} : { retry }),
  };
}

/** The only place that writes phase, steps and conditions of a Rollout. */
export async function recordRollout(
  { store, now }: Ports,
  ref: EntityRef,
  record: RolloutRecord,
): Promise<void> {
  const rollout = (await store.get(rolloutRef(ref))) as Rollout | undefined;
  if (rollout === undefined) return;
  const at = now().toISOString();
  const conditions = rolloutConditions(record).reduce<Condition[]>(
    (all, next) => setCondition(all, next, at),
    rollout.status?.conditions ?? [],
  );
  await store.patchStatus({
    ref: rolloutRef(ref),
    status: {
      phase: record.phase,
      steps: record.steps,
      conditions,
      observedGeneration: rollout.metadata.generation ?? 1,
      message: record.failure?.message ?? '',
      ...(isFinished(record.phase) && rollout.status?.finishedAt === undefined ? { finishedAt: at } : {}),
      ...(record.handled === undefined ? {} : { lastHandled: record.handled }),
    },
  });
}

type NextCondition = Parameters<typeof setCondition>[1];

function rolloutConditions({ phase, failure, steps }: RolloutRecord): NextCondition[] {
  const step = steps.at(-1)?.name ?? 'start';
  const settled = (ready: boolean, stalled: boolean, reason: string, message: string): NextCondition[] => [
    { type: 'Ready', status: ready ? 'True' : 'False', reason, message },
    { type: 'Reconciling', status: 'False', reason, message: '' },
    { type: 'Stalled', status: stalled ? 'True' : 'False', reason, message: stalled ? message : '' },
  ];
  const reason = failure === undefined ? phase : toReason(failure.code);
  const message = failure?.message ?? '';
  switch (phase) {
    case 'Succeeded':
      return settled(true, false, 'Succeeded', 'the commit is applied and works');
    case 'Refused':
    case 'RolledBack':
      return settled(false, failure?.retry === 'never', reason, message);
    case 'Failed':
      return settled(
        false,
        true,
        reason,
        `stuck at step ${step}: ${message}. Mend it, then annotate the Rollout with samband.dev/retry=<any new text>`,
      );
    case 'Superseded':
      return settled(false, true, 'Superseded', 'a newer head took over before anything was applied');
    case 'Cancelled':
      return settled(false, true, 'Cancelled', 'cancelled on request; everything is as it was before');
    case 'Pending':
    case 'Planned':
    case 'AwaitingConfirmation':
    case 'Applying':
    case 'Verifying':
    case 'RollingBack':
      return [
        {
          type: 'Ready',
          status: 'False',
          reason: phase,
          message: message === '' ? `at step ${step}` : message,
        },
        { type: 'Reconciling', status: 'True', reason: phase, message: `at step ${step}` },
        { type: 'Stalled', status: 'False', reason: phase, message: '' },
      ];
  }
}

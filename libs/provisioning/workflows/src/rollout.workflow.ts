import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  patched,
  setHandler,
} from '@temporalio/workflow';
import {
  sourceWorkflowId,
  type EntityRef,
  type Failure,
  type RolloutPhase,
  type RolloutState,
} from '@samband/contract';
import { dirtySignal, supersedeSignal, timelineQuery } from './messages.js';
import { patches } from './patches.js';
import { rolloutProbe, rolloutReads, rolloutRecords, rolloutWaits, rolloutWrites } from './proxies.js';
import { RolloutGone, RolloutRun, type StepResult } from './rollout.run.js';

/**
 * One commit's way into the world: checkout, plan, apply, wait, probe, commit point, prune; and the way back
 * when a step before the commit point fails. Starts from wherever the Rollout's status says it stands.
 */
export async function rolloutWorkflow(rollout: EntityRef, superseded = false): Promise<void> {
  const run = new RolloutRun(rollout, superseded);
  setHandler(dirtySignal, () => {
    run.dirty = true;
  });
  setHandler(supersedeSignal, () => {
    run.supersede();
  });
  setHandler(timelineQuery, () => run.timeline.entries);

  const state = await rolloutRecords.loadRollout(rollout);
  if (state.kind === 'absent') return;
  run.load(state);
  try {
    await goOn(rollout, run, state);
  } catch (error) {
    if (!(error instanceof RolloutGone)) throw error;
    run.timeline.add('end', 'failed', 'the Rollout is gone');
  }
  await tellSource(rollout.namespace, state.source);
}

/** From wherever it stands to its end. */
async function goOn(
  rollout: EntityRef,
  run: RolloutRun,
  state: Extract<RolloutState, { kind: 'present' }>,
): Promise<void> {
  switch (state.phase) {
    case 'Pending':
    case 'Planned':
      await fromTheStart(rollout, run);
      break;
    case 'Applying':
    case 'Verifying':
      await (state.committed ? afterCommitPoint(rollout, run) : forward(rollout, run));
      break;
    case 'RollingBack':
      await back(rollout, run);
      break;
    case 'Failed':
      await untilRetried(run, state.committed ? 'Verifying' : 'RollingBack');
      await (state.committed ? afterCommitPoint(rollout, run) : back(rollout, run));
      break;
    case 'Succeeded':
    case 'Refused':
    case 'RolledBack':
    case 'Superseded':
    case 'Cancelled':
      break;
  }
}

async function fromTheStart(rollout: EntityRef, run: RolloutRun): Promise<void> {
  if (run.isSuperseded()) return run.enter('Superseded');
  const checkout = await run.step('checkout', () => rolloutReads.checkoutCommit(rollout), {
    cancellable: true,
    say: ({ files, subject }) => `${files} files: ${subject}`,
  });
  if (checkout.kind !== 'done') return refuse(run, checkout);
  if (run.isSuperseded()) return run.enter('Superseded');
  const plan = await run.step('plan', () => rolloutReads.planRollout(rollout), {
    cancellable: true,
    say: (outcome) =>
      outcome.kind === 'refused'
        ? outcome.failure.message
        : `${outcome.summary.add} to add, ${outcome.summary.change} to change, ${outcome.summary.remove} to remove, ${outcome.summary.unchanged} unchanged`,
  });
  if (plan.kind !== 'done') return refuse(run, plan);
  if (plan.value.kind === 'refused') return run.enter('Refused', { failure: plan.value.failure });
  if (run.isSuperseded()) return run.enter('Superseded');
  await run.enter('Planned');
  await forward(rollout, run);
}

/** Before anything was applied there is no way back to go. */
async function refuse(
  run: RolloutRun,
  result: Exclude<StepResult<unknown>, { kind: 'done' }>,
): Promise<void> {
  if (result.kind === 'cancelled') return run.enter('Cancelled');
  return run.enter('Refused', { failure: result.failure });
}

async function forward(rollout: EntityRef, run: RolloutRun): Promise<void> {
  await run.enter('Applying');
  const apply = await run.step('apply', () => rolloutWrites.applyRollout(rollout), {
    cancellable: true,
    say: ({ applied }) => `${applied} applied`,
  });
  if (apply.kind !== 'done') return turnBack(rollout, run, apply);
  await run.enter('Verifying');
  const wait = await run.step('wait', () => rolloutWaits.awaitReady(rollout), {
    cancellable: true,
    say: ({ ready }) => `${ready} ready`,
  });
  if (wait.kind !== 'done') return turnBack(rollout, run, wait);
  const probe = await run.step('probe', () => probeSpaces(rollout), {
    cancellable: true,
    say: (spaces) =>
      spaces === 0 ? 'no space touched' : `a message through ${spaces} ${spaces === 1 ? 'space' : 'spaces'}`,
  });
  if (probe.kind !== 'done') return turnBack(rollout, run, probe);
  const commit = await run.step('commit', () => rolloutRecords.commitRollout(rollout), {
    cancellable: false,
  });
  if (commit.kind !== 'done') return turnBack(rollout, run, commit);
  await afterCommitPoint(rollout, run);
}

async function probeSpaces(rollout: EntityRef): Promise<number> {
  const spaces = await rolloutRecords.touchedSpaces(rollout);
  await Promise.all(
    spaces.map(({ hostId, namespace, name }) => rolloutProbe(hostId).probeSpace({ namespace, name })),
  );
  return spaces.length;
}

/** From here a rollout only goes forward: a removal that is stuck waits for `retry`. */
async function afterCommitPoint(rollout: EntityRef, run: RolloutRun): Promise<void> {
  for (;;) {
    const prune = await run.step('prune', () => rolloutWrites.pruneRollout(rollout), {
      cancellable: false,
      say: ({ removed, conflicts }) =>
        `${removed} removed${conflicts > 0 ? `, ${conflicts} left to somebody else` : ''}`,
    });
    if (prune.kind === 'done') return run.enter('Succeeded');
    await stuck(run, prune);
  }
}

async function turnBack(
  rollout: EntityRef,
  run: RolloutRun,
  result: Exclude<StepResult<unknown>, { kind: 'done' }>,
): Promise<void> {
  const wayBack =
    result.kind === 'cancelled'
      ? ({ to: 'Cancelled' } as const)
      : ({ to: 'RolledBack', failure: result.failure } as const);
  await run.enter('RollingBack', {
    wayBack,
    ...(result.kind === 'failed' ? { failure: result.failure } : {}),
  });
  await back(rollout, run);
}

async function back(rollout: EntityRef, run: RolloutRun): Promise<void> {
  const to = run.returningTo?.to ?? 'RolledBack';
  const failure = run.returningTo?.failure;
  for (;;) {
    const restore = await run.step('restore', () => rolloutWrites.restoreRollout(rollout), {
      cancellable: false,
      say: ({ restored, conflicts }) =>
        `${restored} restored${conflicts > 0 ? `, ${conflicts} left to somebody else` : ''}`,
    });
    if (restore.kind !== 'done') {
      await stuck(run, restore);
      continue;
    }
    const wait = await run.step('await-restored', () => rolloutWaits.awaitRestored(rollout), {
      cancellable: false,
      say: ({ ready }) => `${ready} as before`,
    });
    if (wait.kind === 'done') return run.enter(to, failure === undefined ? {} : { failure });
    await stuck(run, wait);
  }
}

/** Says where it is stuck and waits for the operator's `retry`; nothing loops by itself. */
async function stuck(run: RolloutRun, result: Exclude<StepResult<unknown>, { kind: 'done' }>): Promise<void> {
  const failure: Failure =
    result.kind === 'failed'
      ? result.failure
      : { code: 'INTERNAL', message: 'the step was cancelled', retry: 'later' };
  const phase = run.phase;
  await run.enter('Failed', { failure });
  await untilRetried(run, phase);
}

/** Waits, then goes on in that phase. A newer rollout has decided what is wanted since: a retry must not undo it. */
async function untilRetried(run: RolloutRun, phase: RolloutPhase): Promise<void> {
  for (;;) {
    // One that was asked for while it applied is not told of again.
    if (!(run.isRetryAsked && patched(patches.keptRetry))) await condition(() => run.dirty);
    const asked = await run.readRequests();
    if (!run.answerRetry(asked)) continue;
    const overtakenBy = asked.overtakenBy ?? (await run.resume(phase));
    if (overtakenBy === undefined) return;
    const message = `${overtakenBy} was rolled out since and decides what is wanted; nothing of this rollout is done again`;
    await run.enter('Failed', { failure: { code: 'ROLLOUT_OVERTAKEN', message, retry: 'never' } });
  }
}

/** The source starts what waits behind this rollout. Its own interval would find out too, only later. */
async function tellSource(namespace: string, source: string): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(sourceWorkflowId(namespace, source)).signal(dirtySignal);
    } catch {
      // The source is gone: nobody waits.
    }
  });
}

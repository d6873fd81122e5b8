import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setHandler,
} from '@temporalio/workflow';
import {
  sourceWorkflowId,
  type EntityRef,
  type Failure,
  type PlanOutcome,
  type RolloutPhase,
  type RolloutState,
  type WayBack,
} from '@samband/contract';
import { dirtySignal, supersedeSignal, timelineQuery } from './messages.js';
import { patches } from './patches.js';
import {
  counting,
  rolloutProbe,
  rolloutReads,
  rolloutRecords,
  rolloutWaits,
  rolloutWrites,
} from './proxies.js';
import { RolloutGone, RolloutRun, type StepResult } from './rollout.run.js';

/**
 * One commit's way into the world: checkout, plan, apply, wait, probe, commit point, prune; and the way back
 * when a step before the commit point fails or a newer rollout takes over. Starts from wherever the Rollout's status says it stands.
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
  await tellSource(rollout, run);
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
    case 'AwaitingConfirmation':
      await planned(rollout, run);
      break;
    case 'Applying':
    case 'Verifying':
      await (state.committed ? afterCommitPoint(rollout, run) : forward(rollout, run));
      break;
    case 'RollingBack':
      await back(rollout, run);
      break;
    case 'Failed':
      await untilRetried(rollout, run, state.committed ? 'Verifying' : 'RollingBack');
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
    endedBy: 'requests',
    say: ({ files, subject }) => `${files} files: ${subject}`,
  });
  if (checkout.kind !== 'done') return refuse(run, checkout);
  await planned(rollout, run);
}

/** Plans again after each confirmation: what is applied then is what was confirmed, or is asked about anew. */
async function planned(rollout: EntityRef, run: RolloutRun): Promise<void> {
  for (;;) {
    if (run.isSuperseded()) return run.enter('Superseded');
    const plan = await run.step('plan', () => planAndCount(rollout), { endedBy: 'requests', say: sayPlan });
    if (plan.kind !== 'done') return refuse(run, plan);
    const { outcome, atRisk } = plan.value;
    if (outcome.kind === 'refused') return run.enter('Refused', { failure: outcome.failure });
    if (run.isSuperseded()) return run.enter('Superseded');
    if (outcome.kind === 'planned') break;
    await run.enter('AwaitingConfirmation', { awaits: [...atRisk, outcome.message].join('. ') });
    await tellSource(rollout, run);
    await untilConfirmed(run);
    if (run.isCancelAsked) return run.enter('Cancelled');
  }
  await run.enter('Planned');
  await forward(rollout, run);
}

interface CountedPlan {
  readonly outcome: PlanOutcome;
  /** What becomes of messages, one text for each host that holds some. */
  readonly atRisk: readonly string[];
}

/** Counting is a courtesy: that it could not be done is said, and the plan goes on. */
async function planAndCount(rollout: EntityRef): Promise<CountedPlan> {
  const outcome = await rolloutReads.planRollout(rollout);
  const hosts = outcome.kind === 'refused' ? [] : (outcome.countAt ?? []);
  const atRisk: string[] = [];
  for (const host of hosts) {
    try {
      atRisk.push(await counting(host).countAtRisk(rollout));
    } catch (error) {
      if (isCancellation(error)) throw error;
      atRisk.push(`what brokers on ${host} hold of what is removed could not be counted`);
    }
  }
  return { outcome, atRisk: atRisk.filter((text) => text !== '') };
}

function sayPlan({ outcome, atRisk }: CountedPlan): string {
  if (outcome.kind === 'refused') return outcome.failure.message;
  const { add, change, remove, unchanged } = outcome.summary;
  const counts = `${add} to add, ${change} to change, ${remove} to remove, ${unchanged} unchanged`;
  const said = [counts, ...atRisk].join('; ');
  return outcome.kind === 'unconfirmed' ? `${said}; to be confirmed` : said;
}

/** Long: somebody may take a week, and each look is kept in the history. */
const lookForUnconfirmed = '1h';

/** Or cancelled, or overtaken by a newer head. */
async function untilConfirmed(run: RolloutRun): Promise<void> {
  while (!run.isSuperseded()) {
    // It may have been confirmed before this was asked for.
    await run.readRequests();
    if (run.isCancelAsked || run.answerConfirmation()) return;
    await condition(() => run.dirty || run.isSuperseded(), lookForUnconfirmed);
  }
}

/** Before anything was applied there is no way back to go. */
async function refuse(
  run: RolloutRun,
  result: Exclude<StepResult<unknown>, { kind: 'done' }>,
): Promise<void> {
  switch (result.kind) {
    case 'cancelled':
      return run.enter('Cancelled');
    case 'superseded':
      return run.enter('Superseded');
    case 'failed':
      return run.enter('Refused', { failure: result.failure });
  }
}

async function forward(rollout: EntityRef, run: RolloutRun): Promise<void> {
  await run.enter('Applying');
  const apply = await run.step('apply', () => rolloutWrites.applyRollout(rollout), {
    endedBy: 'requests',
    say: ({ applied }) => `${applied} applied`,
  });
  if (apply.kind !== 'done') return turnBack(rollout, run, apply);
  await run.enter('Verifying');
  const wait = await run.step('wait', () => rolloutWaits.awaitReady(rollout), {
    endedBy: 'requests',
    say: ({ ready }) => `${ready} ready`,
  });
  if (wait.kind !== 'done') return turnBack(rollout, run, wait);
  const probe = await run.step('probe', () => probeSpaces(rollout), {
    endedBy: 'requests',
    say: (spaces) =>
      spaces === 0 ? 'no space touched' : `a message through ${spaces} ${spaces === 1 ? 'space' : 'spaces'}`,
  });
  if (probe.kind !== 'done') return turnBack(rollout, run, probe);
  const commit = await run.step('commit', () => rolloutRecords.commitRollout(rollout), {
    endedBy: 'nothing',
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
      endedBy: 'nothing',
      say: ({ removed, conflicts }) =>
        `${removed} removed${conflicts > 0 ? `, ${conflicts} left to somebody else` : ''}`,
    });
    if (prune.kind === 'done') return run.enter('Succeeded');
    await stuck(rollout, run, prune);
  }
}

async function turnBack(
  rollout: EntityRef,
  run: RolloutRun,
  result: Exclude<StepResult<unknown>, { kind: 'done' }>,
): Promise<void> {
  await run.enter('RollingBack', {
    wayBack: wayBackAfter(result),
    ...(result.kind === 'failed' ? { failure: result.failure } : {}),
  });
  await back(rollout, run);
}

function wayBackAfter(result: Exclude<StepResult<unknown>, { kind: 'done' }>): WayBack {
  switch (result.kind) {
    case 'cancelled':
      return { to: 'Cancelled' };
    case 'superseded':
      return { to: 'Superseded' };
    case 'failed':
      return { to: 'RolledBack', failure: result.failure };
  }
}

async function back(rollout: EntityRef, run: RolloutRun): Promise<void> {
  for (;;) {
    const restore = await run.step('restore', () => rolloutWrites.restoreRollout(rollout), {
      endedBy: 'nothing',
      say: ({ restored, conflicts }) =>
        `${restored} restored${conflicts > 0 ? `, ${conflicts} left to somebody else` : ''}`,
    });
    if (restore.kind !== 'done') {
      await stuck(rollout, run, restore);
      continue;
    }
    let wait = await awaitRestored(rollout, run);
    // Whether it becomes as ready as it was is the newer rollout's to see.
    if (wait.kind === 'superseded') wait = await awaitRestored(rollout, run);
    if (wait.kind !== 'done') {
      await stuck(rollout, run, wait);
      continue;
    }
    const { to = 'RolledBack', failure } = run.returningTo ?? {};
    return run.enter(run.isOvertaken() ? 'Superseded' : to, failure === undefined ? {} : { failure });
  }
}

function awaitRestored(rollout: EntityRef, run: RolloutRun): Promise<StepResult<{ ready: number }>> {
  const isOvertaken = run.isOvertaken();
  return run.step('await-restored', () => rolloutWaits.awaitRestored(rollout, isOvertaken), {
    endedBy: isOvertaken ? 'nothing' : 'newer',
    say: ({ ready }) => `${ready} as before`,
  });
}

/** Says where it is stuck and waits for the operator's `retry`; nothing loops by itself. */
async function stuck(
  rollout: EntityRef,
  run: RolloutRun,
  result: Exclude<StepResult<unknown>, { kind: 'done' }>,
): Promise<void> {
  const failure: Failure =
    result.kind === 'failed'
      ? result.failure
      : { code: 'INTERNAL', message: 'the step was cancelled', retry: 'later' };
  const phase = run.phase;
  await run.enter('Failed', { failure });
  await untilRetried(rollout, run, phase);
}

/** Nobody tells a rollout whose namespace went while no controller watched. */
const lookForObject = '10m';

/** Waits, then goes on in that phase. A newer rollout has decided what is wanted since: a retry must not undo it. */
async function untilRetried(rollout: EntityRef, run: RolloutRun, phase: RolloutPhase): Promise<void> {
  // The source says so too.
  if (patched(patches.tellsStuck)) await tellSource(rollout, run);
  for (;;) {
    // One that was asked for while it applied is not told of again.
    if (!(run.isRetryAsked && patched(patches.keptRetry))) {
      if (patched(patches.tellsStuck)) await condition(() => run.dirty, lookForObject);
      else await condition(() => run.dirty);
    }
    const asked = await run.readRequests();
    if (!run.answerRetry(asked)) continue;
    const overtakenBy = asked.overtakenBy ?? (await run.resume(phase));
    if (overtakenBy === undefined) {
      if (patched(patches.tellsStuck)) await tellSource(rollout, run);
      return;
    }
    const message = `${overtakenBy} was rolled out since and decides what is wanted; nothing of this rollout is done again`;
    await run.enter('Failed', { failure: { code: 'ROLLOUT_OVERTAKEN', message, retry: 'never' } });
  }
}

/**
 * The source starts what waits behind this rollout, and says how it stands. Its own interval would find out too, only
 * later.
 */
async function tellSource({ namespace }: EntityRef, run: RolloutRun): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(sourceWorkflowId(namespace, run.sourceName)).signal(dirtySignal);
    } catch {
      // The source is gone: nobody waits.
    }
  });
}

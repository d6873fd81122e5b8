import type { SourceDecision } from '@samband/gitops';
import { toReason } from '@samband/errors';
import { findCondition, setStanding, type GitSource, type Judgement, type Rollout } from '@samband/resources';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { sourceRef } from '../rollout/refs.js';
import { committedAt, newestFirst } from './rollout-view.js';

/** What a look at the branch gave. */
export type HeadLook =
  | { readonly kind: 'seen'; readonly commit: string }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retry: boolean };

interface Published {
  readonly look: HeadLook;
  readonly decision: SourceDecision;
  readonly rollouts: readonly Rollout[];
  readonly requestedAt: string | undefined;
  readonly rollbackTo: string | undefined;
}

/** Writes the status of the source when it says something new; the source's workflow is its only writer. */
export async function publishSource(ports: Ports, source: GitSource, published: Published): Promise<void> {
  const { look, decision, rollouts, requestedAt, rollbackTo } = published;
  const now = ports.now().toISOString();
  const { namespace = '', name, generation = 1 } = source.metadata;
  const applied = newestFirst(rollouts).find(({ status }) => status?.phase === 'Succeeded');
  const current = newestOf(rollouts, decision);
  const judgement = { ...judge(published), observedGeneration: generation };
  const conditions = setStanding(source.status?.conditions, judgement, now);
  const status = {
    observedGeneration: generation,
    conditions,
    lastHandled: {
      ...source.status?.lastHandled,
      ...(requestedAt === undefined ? {} : { requestedAt }),
      // While it is suspended nothing is decided: the request keeps.
      ...(rollbackTo === undefined || look.kind === 'suspended' ? {} : { rollbackTo }),
    },
    ...(look.kind === 'seen'
      ? {
          head:
            source.status?.head?.commit === look.commit
              ? source.status.head
              : { commit: look.commit, fetchedAt: now },
        }
      : {}),
    ...(applied === undefined
      ? {}
      : {
          applied: {
            commit: applied.spec.commit,
            rollout: applied.metadata.name,
            at: committedAt(applied) ?? '',
          },
        }),
    ...(current === undefined ? {} : { current }),
  };
  const { status: before = {} } = source;
  if (isSaid(status, before)) return;
  await ports.store.patchStatus({ ref: sourceRef({ namespace, name }), status });
}

function newestOf(rollouts: readonly Rollout[], { create, start }: SourceDecision): object | undefined {
  if (create !== undefined)
    return {
      rollout: create.name,
      commit: create.commit,
      attempt: create.attempt,
      generation: create.generation,
    };
  const running = rollouts.find(({ metadata }) => metadata.name === start);
  return running === undefined
    ? undefined
    : { rollout: start, commit: running.spec.commit, attempt: running.spec.attempt };
}

function judge({ look, decision, rollouts }: Published): Judgement {
  if (look.kind === 'suspended')
    return stalled('Suspended', 'spec.suspend is set: new commits are left alone');
  if (look.kind === 'failed') {
    const standing = look.retry ? 'reconciling' : 'stalled';
    return { standing, reason: toReason(look.code), message: look.message };
  }
  if (decision.refusedRollback !== undefined) return stalled('RollbackRefused', decision.refusedRollback);
  if (decision.supersede.length > 0) return progressing(makesRoom(decision, rollouts));
  if (decision.create !== undefined) return progressing(`rollout ${decision.create.name} begins`);
  if (decision.start !== undefined) return judgeRunning(decision.start, rollouts);
  const newest = newestFirst(rollouts).at(0);
  const condition = findCondition(newest?.status?.conditions, 'Ready');
  if (newest === undefined || condition === undefined)
    return { ...progressing('nothing was rolled out yet'), reason: 'Pending' };
  const message = `rollout ${newest.metadata.name}: ${condition.message}`;
  if (condition.status !== 'True') return stalled(condition.reason, message);
  return { standing: 'ready', reason: condition.reason, message };
}

/** In the rollout's own words: the step that it is at, and what it waits for. */
function judgeRunning(name: string, rollouts: readonly Rollout[]): Judgement {
  const { phase, conditions } = rollouts.find(({ metadata }) => metadata.name === name)?.status ?? {};
  const said = findCondition(conditions, 'Ready')?.message ?? '';
  if (phase === 'AwaitingConfirmation') return stalled('AwaitingConfirmation', `rollout ${name}: ${said}`);
  return progressing(said === '' ? `rollout ${name} is under way` : `rollout ${name} is under way: ${said}`);
}

function makesRoom({ supersede, create }: SourceDecision, rollouts: readonly Rollout[]): string {
  const newest = create?.name ?? newestFirst(rollouts).at(0)?.metadata.name ?? '';
  return `rollout ${newest} begins as soon as ${supersede.join(', ')} has made room for it`;
}

function progressing(message: string): Judgement {
  return { standing: 'reconciling', reason: 'Progressing', message };
}

function stalled(reason: string, message: string): Judgement {
  return { standing: 'stalled', reason, message };
}

/** What the status says besides (an older head while the repository is away) stays. */
function isSaid(status: object, before: object): boolean {
  return Object.entries(status).every(([key, value]) =>
    isSameValue(value, (before as Record<string, unknown>)[key]),
  );
}

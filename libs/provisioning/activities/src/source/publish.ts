import { isHeal, type SourceDecision } from '@samband/gitops';
import { toReason } from '@samband/errors';
import {
  annotations,
  findCondition,
  setStanding,
  type GitSource,
  type Judgement,
  type Rollout,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { sourceRef } from '../rollout/refs.js';
import { describeDrift } from './describe-drift.js';
import type { Drift } from './find-drift.js';
import { committedAt, newestFirst, toView } from './rollout-view.js';

/** What a look at the branch gave. */
export type HeadLook =
  | { readonly kind: 'seen'; readonly commit: string }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retry: boolean };

interface Published {
  readonly look: HeadLook;
  readonly decision: SourceDecision;
  readonly rollouts: readonly Rollout[];
  /** Of the last good commit; nothing while a rollout runs. */
  readonly drift: Drift | undefined;
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
  await tellDrift(ports, source, published);
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

function judge({ look, decision, rollouts, drift }: Published): Judgement {
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
  const said = deciding(rollouts, drift);
  const condition = findCondition(said?.status?.conditions, 'Ready');
  if (said === undefined || condition === undefined)
    return { ...progressing('nothing was rolled out yet'), reason: 'Pending' };
  const message = `rollout ${said.metadata.name}: ${condition.message}`;
  const besides = drift === undefined ? '' : `; besides, ${describeDrift(drift)}`;
  if (condition.status !== 'True') return stalled(condition.reason, `${message}${besides}`);
  if (drift !== undefined) return judgeDrift(drift, decision, said.metadata.name);
  return { standing: 'ready', reason: condition.reason, message };
}

/**
 * The rollout that says how the source stands: the newest that was made for a head, since one that puts back what it
 * brought says nothing new; unless that could not.
 */
function deciding(rollouts: readonly Rollout[], drift: Drift | undefined): Rollout | undefined {
  const ordered = newestFirst(rollouts);
  const isStuck = ({ status }: Rollout): boolean =>
    status?.phase === 'Failed' ||
    (drift !== undefined && !['Succeeded', 'Superseded'].includes(status?.phase ?? 'Pending'));
  return ordered.find((rollout, index) => !isHeal(toView(rollout)) || (index === 0 && isStuck(rollout)));
}

function judgeDrift(drift: Drift, { repeatedDrift }: SourceDecision, rollout: string): Judgement {
  const what = describeDrift(drift);
  if (repeatedDrift !== undefined) {
    const message = `${what}: put back ${repeatedDrift} times, and changed again each time; it is put back more and more rarely until that ends. Stop who changes it, or say ${annotations.drift}: report or ignore in its manifest`;
    return stalled('DriftRepeats', message);
  }
  if (drift.objects.every(({ mode }) => mode === 'heal'))
    return { standing: 'reconciling', reason: 'Drifted', message: what };
  const message = `${what}. Commit it as it is, or have it put back with ${annotations.retry} on the Rollout ${rollout}`;
  return stalled('Drifted', message);
}

/** Once for each thing that is new about it, also where it is put back: whoever did it may not know of git. */
async function tellDrift(
  { events }: Ports,
  source: GitSource,
  { drift, decision }: Published,
): Promise<void> {
  if (drift === undefined) return;
  const { create } = decision;
  const what = create?.cause === 'drift' ? `${create.name} puts it back` : '';
  await events.record(source, 'Warning', 'Drifted', [describeDrift(drift), what].filter(Boolean).join(': '));
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

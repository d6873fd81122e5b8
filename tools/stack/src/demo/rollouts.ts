import { setTimeout as sleep } from 'node:timers/promises';
import { rolloutSchema, type Rollout, type ResourceStore } from '@samband/resources';
import type { Narrator } from './narrator.js';

const finalPhases = new Set(['Succeeded', 'Refused', 'RolledBack', 'Failed', 'Superseded', 'Cancelled']);
const deadlineMs = 180_000;

/**
 * Follows the rollout of a commit and tells each step when it ends.
 *
 * @returns the rollout in its last phase
 * @throws when there is none, or no end within three minutes
 */
export async function followRollout(
  store: ResourceStore,
  namespace: string,
  commit: string,
  narrator: Narrator,
): Promise<Rollout> {
  const deadline = Date.now() + deadlineMs;
  let told = 0;
  let planned = false;
  for (;;) {
    const rollout = await findRollout(store, namespace, commit);
    const status = rollout?.status;
    const plan = status?.plan;
    if (plan !== undefined && !planned) {
      planned = true;
      narrator.say(
        `  plan: ${plan.add} to add, ${plan.change} to change, ${plan.remove} to remove, ${plan.unchanged} unchanged`,
      );
    }
    const steps = status?.steps ?? [];
    for (const step of steps.slice(told)) {
      if (step.phase === 'Running') break;
      told += 1;
      const since = step.startedAt === undefined ? '' : ` ${span(step.startedAt, step.finishedAt)}`;
      const message = step.message === undefined ? '' : `: ${step.message}`;
      narrator.say(`  ${step.phase === 'Succeeded' ? '✓' : '✗'} ${step.name}${since}${message}`);
    }
    if (rollout !== undefined && finalPhases.has(status?.phase ?? '')) return rollout;
    if (Date.now() > deadline) {
      throw new Error(
        rollout === undefined
          ? `no rollout of ${commit} began within ${deadlineMs / 1000} s`
          : `rollout ${rollout.metadata.name} is still ${status?.phase ?? 'without a phase'} after ${deadlineMs / 1000} s`,
      );
    }
    await sleep(100);
  }
}

async function findRollout(
  store: ResourceStore,
  namespace: string,
  commit: string,
): Promise<Rollout | undefined> {
  const { items } = await store.list({ apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout' }, { namespace });
  const rollouts = items
    .map((item) => rolloutSchema.parse(item))
    .filter(({ spec }) => spec.commit === commit);
  return rollouts.sort((a, b) => b.spec.attempt - a.spec.attempt)[0];
}

function span(from: string, to: string | undefined): string {
  return to === undefined ? '' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}

/** Why a rollout did not end as it should have, in the words of its own status. */
export function explain(rollout: Rollout): string {
  const { status } = rollout;
  const problems = (status?.problems ?? []).map(
    ({ file, line, resource, message }) => `  ${file}:${line} ${resource}: ${message}`,
  );
  const steps = (status?.steps ?? [])
    .filter(({ phase }) => phase === 'Failed')
    .map(({ name, message }) => `  ${name}: ${message ?? ''}`);
  return [
    `rollout ${rollout.metadata.name} ended as ${status?.phase ?? '?'}: ${status?.message ?? ''}`,
    ...problems,
    ...steps,
  ].join('\n');
}

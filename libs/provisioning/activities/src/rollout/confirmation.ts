import { askForConfirmation, judgeRemovals, LATER_ATTEMPTS, type RolloutPlan } from '@samband/gitops';
import { annotations, gitSourceSettings, type Rollout } from '@samband/resources';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import { madeOf } from './made.js';
import { rolloutRef, type RolloutContext } from './refs.js';

/**
 * What somebody has to confirm before the plan may be applied; nothing when it removes little, or was confirmed just as
 * it is. A source that is suspended begins nothing, also when that is confirmed.
 */
export async function judgeConfirmation(
  ports: Ports,
  context: RolloutContext,
  plan: RolloutPlan,
): Promise<string | undefined> {
  const { rollout, source } = context;
  const { guard, suspend } = gitSourceSettings(source.spec);
  const removals = plan.entries.filter(({ action }) => action === 'remove').map(({ ref }) => ref);
  const reasons = judgeRemovals({ removals, kept: plan.kept }, guard);
  if (reasons.length === 0) return undefined;
  const confirmed = await readConfirmed(ports, context);
  if (confirmed === plan.digest && !suspend) return undefined;
  const message = askForConfirmation({
    reasons,
    removals,
    owner: { source: rollout.spec.source, sourceNamespace: rollout.metadata.namespace ?? '' },
    rollout: rollout.metadata.name,
    digest: plan.digest,
    confirmed: confirmed === plan.digest ? undefined : confirmed,
    notes: suspend ? ['While spec.suspend is set it waits, confirmed or not.'] : [],
  });
  for (const object of [rollout, source])
    await ports.events.record(object, 'Warning', 'AwaitingConfirmation', clip(message, 1_000));
  return message;
}

/** Further attempts that nobody asked for need nobody to confirm the same again. */
async function readConfirmed({ store }: Ports, { rollout }: RolloutContext): Promise<string | undefined> {
  const { namespace = '' } = rollout.metadata;
  let attempt: Rollout | undefined = rollout;
  for (let attempts = 0; attempts < LATER_ATTEMPTS && attempt !== undefined; attempts += 1) {
    const confirmed = attempt.metadata.annotations?.[annotations.confirm];
    const { cause, follows } = madeOf(attempt);
    if (confirmed !== undefined || cause !== 'later' || follows === undefined) return confirmed;
    attempt = (await store.get(rolloutRef({ namespace, name: follows }))) as Rollout | undefined;
  }
  return undefined;
}

import type { TemporalClient, WorkflowDescription } from '@samband/temporal';
import { spaceName, type Tenant } from '../scenario.js';

/** Steps of a rollout, by the activity that does each. */
const rolloutPoints = {
  checkoutCommit: 'checkout',
  planRollout: 'plan',
  applyRollout: 'apply',
  awaitReady: 'wait',
  touchedSpaces: 'probe',
  probeSpace: 'probe',
  commitRollout: 'commit',
  pruneRollout: 'prune',
  restoreRollout: 'restore',
  awaitRestored: 'await-restored',
} as const;

/** Steps of the space meanwhile. */
const spacePoints = {
  provisionBroker: 'space broker',
  syncAddresses: 'space addresses',
  syncUsers: 'space users',
  probeSpace: 'space probe',
  exportSpace: 'space exports',
  publishSpace: 'space publish',
} as const;

export type Point =
  (typeof rolloutPoints)[keyof typeof rolloutPoints] | (typeof spacePoints)[keyof typeof spacePoints];

/** Where a team stands right now. */
export interface Standing {
  /** What is under way, in its rollout and in its space. */
  readonly points: readonly Point[];
  /** Its rollout has come to its end. */
  readonly ended: boolean;
}

export async function standingOf(
  temporal: TemporalClient,
  { team }: Tenant,
  commit: string,
): Promise<Standing> {
  const rollout = `rollout/${team.namespace}/${team.source}-${commit.slice(0, 12)}-1`;
  const [ofRollout, ofSpace] = await Promise.all([
    temporal.describe(rollout),
    temporal.describe(`addressspace/${team.namespace}/${spaceName}`),
  ]);
  return {
    points: [...named(ofRollout, rolloutPoints), ...named(ofSpace, spacePoints)],
    ended: ofRollout !== undefined && ofRollout.status !== 'RUNNING',
  };
}

function named(found: WorkflowDescription | undefined, points: Readonly<Record<string, Point>>): Point[] {
  return (found?.activities ?? []).flatMap((activity) => points[activity] ?? []);
}

import type { Stage } from '@samband/driver';
import type { Rollout } from '@samband/resources';
import type { TemporalClient, WorkflowDescription } from '@samband/temporal';
import { spaceName, type Tenant } from '../scenario.js';

/** Steps of a rollout, by the activity that does each. */
const rolloutPoints = {
  checkoutCommit: 'checkout',
  planRollout: 'plan',
  applyRollout: 'apply',
  awaitReady: 'wait',
  probeSpace: 'probe',
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
} as const;

/** Steps that a workflow does in its own process; the Rollout tells of them. */
const inPlace = { commit: 'commit' } as const;

export type Point =
  | (typeof inPlace)[keyof typeof inPlace]
  | (typeof rolloutPoints)[keyof typeof rolloutPoints]
  | (typeof spacePoints)[keyof typeof spacePoints];

/** Where a team stands right now. */
export interface Standing {
  /** What is under way, in its rollout and in its space. */
  readonly points: readonly Point[];
  /** Its rollout has come to its end. */
  readonly ended: boolean;
}

export async function standingOf(
  stage: Stage,
  temporal: TemporalClient,
  { team }: Tenant,
  commit: string,
): Promise<Standing> {
  const name = `${team.source}-${commit.slice(0, 12)}-1`;
  const [ofRollout, ofSpace, rollout] = await Promise.all([
    temporal.describe(`rollout/${team.namespace}/${name}`),
    temporal.describe(`addressspace/${team.namespace}/${spaceName}`),
    stage.kube.get('Rollout', team.namespace, name),
  ]);
  const step = (rollout as unknown as Rollout | undefined)?.status?.steps?.at(-1);
  const place = step?.phase === 'Running' && step.name === 'commit' ? [inPlace.commit] : [];
  return {
    points: [...named(ofRollout, rolloutPoints), ...named(ofSpace, spacePoints), ...place],
    ended: ofRollout !== undefined && ofRollout.status !== 'RUNNING',
  };
}

function named(found: WorkflowDescription | undefined, points: Readonly<Record<string, Point>>): Point[] {
  return (found?.activities ?? []).flatMap((activity) => points[activity] ?? []);
}

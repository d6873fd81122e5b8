import type { EntityRef } from '@samband/contract';
import type { HealthCheck, Logger, Metrics } from '@samband/observability';
import type { ResourceStore, ResourceView } from '@samband/resources';

/** What the api does at the Kubernetes API. */
export type Kubernetes = Pick<
  ResourceStore,
  'get' | 'list' | 'create' | 'replace' | 'patch' | 'patchStatus' | 'delete' | 'reviewToken' | 'reviewAccess'
>;

/**
 * The live copy of GitSources and Rollouts (these without their steps, problems and plan entries), with the
 * indexes of {@link viewIndexes}.
 */
export type LiveResources = Pick<ResourceView, 'get' | 'list' | 'byIndex'>;

export const viewIndexes = {
  /** Rollouts by `<namespace>/<source>`. */
  rolloutsBySource: 'rolloutsBySource',
} as const;

/** Makes the workflow of a source look at its repository. Rejects when Temporal is away. */
export type SignalSource = (source: EntityRef) => Promise<void>;

export interface Clock {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds that never go back; for ages and limits. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** The outside world and the limits, as `main` (or a test) gives them. */
export interface ApiDependencies {
  readonly kubernetes: Kubernetes;
  readonly resources: LiveResources;
  readonly signalSource: SignalSource;
  readonly checks: readonly HealthCheck[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Called last, when nothing is on its way any more. */
  readonly close: () => Promise<void>;
  readonly webhooks: { readonly perMinute: number; readonly burst: number };
}

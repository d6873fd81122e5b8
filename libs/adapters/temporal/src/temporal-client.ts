import { Client } from '@temporalio/client';
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  defineSearchAttributeKey,
  type SearchAttributePair,
} from '@temporalio/common';
import { createDataConverter, type CodecKey } from './codec.js';
import { lazyConnection, type TemporalAddress } from './connect.js';
import { toTemporalError } from './failures.js';

export interface TemporalOptions extends TemporalAddress {
  /** See `createDataConverter`; client and workers need the same. */
  readonly codecKeys?: readonly CodecKey[];
  /** Milliseconds that a call may take, its retries included; default 5,000. */
  readonly timeoutMs?: number;
}

/** A workflow that is to be told something, and how to start it when it does not run. */
export interface SignalTarget {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** Input of the workflow, when it is started. */
  readonly args: readonly unknown[];
  /** Keyword search attributes, when it is started. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
}

export interface WorkflowDescription {
  readonly status: string;
  readonly type: string;
  readonly runId: string;
  readonly startedAt: Date;
  readonly closedAt?: Date;
  /** Events in the history of this run. */
  readonly historyLength: number;
  /** Types of the activities that were scheduled and have not ended yet. */
  readonly activities: readonly string[];
}

/** Temporal as the product uses it. Every call throws TEMPORAL_UNAVAILABLE when Temporal does not answer in time. */
export interface TemporalClient {
  /** Sends a signal without payload; starts the workflow when it does not run. */
  signal(name: string, target: SignalTarget): Promise<void>;
  /** Sends a signal without payload to a workflow if it runs. */
  tell(name: string, workflowId: string): Promise<void>;
  /** `undefined` when Temporal knows no such workflow. */
  describe(workflowId: string): Promise<WorkflowDescription | undefined>;
  /** Ids of the workflows that run, as they were a moment ago: what has begun since may be missing. */
  running(): Promise<ReadonlySet<string>>;
  /** Answer of a query without arguments. Throws NOT_FOUND; needs a worker that is running. */
  query(workflowId: string, name: string): Promise<unknown>;
  /** Whether Temporal answers; for readiness. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const defaultTimeoutMs = 5000;
/** Of all pages together. */
const listTimeoutMs = 60_000;
const listPageSize = 500;

/** Connects when it is first needed, and again whenever Temporal is back. */
export function connectTemporal(options: TemporalOptions): TemporalClient {
  const connection = lazyConnection(options);
  const client = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: createDataConverter(options.codecKeys),
  });
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;

  const call = async <T>(what: string, work: () => Promise<T>, ms = timeoutMs): Promise<T> => {
    try {
      return await connection.withDeadline(Date.now() + ms, work);
    } catch (error) {
      throw toTemporalError(error, what);
    }
  };

  return {
    signal: (name, { workflowId, workflowType, taskQueue, args, searchAttributes = {} }) =>
      call(`signal to ${workflowId}`, async () => {
        await client.workflow.signalWithStart(workflowType, {
          workflowId,
          taskQueue,
          args: [...args],
          signal: name,
          signalArgs: [],
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          typedSearchAttributes: keywords(searchAttributes),
        });
      }),

    async tell(name, workflowId) {
      try {
        await call(`signal to ${workflowId}`, () => client.workflow.getHandle(workflowId).signal(name));
      } catch (error) {
        if (toTemporalError(error, workflowId).code !== 'NOT_FOUND') throw error;
      }
    },

    async describe(workflowId) {
      try {
        const found = await call(workflowId, () => client.workflow.getHandle(workflowId).describe());
        return {
          status: found.status.name,
          type: found.type,
          runId: found.runId,
          startedAt: found.startTime,
          historyLength: found.historyLength,
          activities: (found.raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? ''),
          ...(found.closeTime === undefined ? {} : { closedAt: found.closeTime }),
        };
      } catch (error) {
        if (toTemporalError(error, workflowId).code === 'NOT_FOUND') return undefined;
        throw error;
      }
    },

    running: () =>
      call(
        'list of workflows',
        async () => {
          const ids = new Set<string>();
          const listed = client.workflow.list({
            query: "ExecutionStatus = 'Running'",
            pageSize: listPageSize,
          });
          for await (const { workflowId } of listed) ids.add(workflowId);
          return ids;
        },
        listTimeoutMs,
      ),

    query: (workflowId, name) =>
      call(`query ${name} of ${workflowId}`, () =>
        client.workflow.getHandle(workflowId).query<unknown>(name),
      ),

    check: () =>
      call('Temporal', async () => {
        await connection.workflowService.describeNamespace({ namespace: options.namespace });
      }),

    close: () => connection.close(),
  };
}

function keywords(attributes: Readonly<Record<string, string>>): SearchAttributePair[] {
  return Object.entries(attributes).map(([name, value]) => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value,
  }));
}

import type { Stage } from '@samband/driver';
import { searchAttributes } from '@samband/resources';

interface Execution {
  readonly execution: { readonly workflowId: string; readonly runId: string };
  readonly historyLength?: string;
}

export interface History {
  readonly workflowId: string;
  /** Events of one run; a workflow that continues as new begins another one. */
  readonly events: number;
}

/** The longest history of all workflows that ever served this namespace. */
export async function longestHistory(stage: Stage, namespace: string): Promise<History> {
  const histories = await Promise.all(
    (await executions(stage, namespace)).map(async ({ workflowId, runId }) => {
      // Of a workflow that runs only a look at itself knows how long its history is.
      const at = `workflows/${encodeURIComponent(workflowId)}?execution.runId=${runId}`;
      const { workflowExecutionInfo } = await ask<{ workflowExecutionInfo: Execution }>(stage, at);
      return { workflowId, events: Number(workflowExecutionInfo.historyLength) };
    }),
  );
  const longest = histories.sort((a, b) => b.events - a.events)[0];
  if (longest === undefined || !(longest.events > 0)) throw new Error(`no workflow has served ${namespace}`);
  return longest;
}

async function executions(stage: Stage, namespace: string): Promise<Execution['execution'][]> {
  const query = `${searchAttributes.namespace} = "${namespace}"`;
  const found: Execution['execution'][] = [];
  for (let token = ''; ;) {
    const page = await ask<{ executions?: readonly Execution[]; nextPageToken?: string | null }>(
      stage,
      `workflows?${new URLSearchParams({ query, nextPageToken: token }).toString()}`,
    );
    found.push(...(page.executions ?? []).map(({ execution }) => execution));
    token = page.nextPageToken ?? '';
    if (token === '') return found;
  }
}

/** Temporal's HTTP API, as its own UI passes it on. */
async function ask<T>({ stack }: Stage, path: string): Promise<T> {
  const response = await fetch(`${stack.env.TEMPORAL_UI}/api/v1/namespaces/default/${path}`);
  if (!response.ok) throw new Error(`Temporal answered ${response.status} to ${path}`);
  return (await response.json()) as T;
}

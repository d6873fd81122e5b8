import { setTimeout as sleep } from 'node:timers/promises';
import { conditionOf, explain, statusOf, type Kube, type Team } from '@samband/driver';
import { isFinished, rolloutName, type KubeObject, type Rollout } from '@samband/resources';
import type { Files } from './manifests.js';

/** One object is looked at this often: what is measured must not notice. */
const defaultIntervalMs = 100;
const patienceMs = 600_000;

export interface Pushed {
  readonly commit: string;
  readonly rollout: string;
  /** When `git push` had returned and the webhook was about to be posted. */
  readonly at: number;
}

/** Commits, pushes, and posts the webhook. The time that git itself takes on the team's side does not count. */
export async function push(team: Team, files: Files, message: string): Promise<Pushed> {
  const pushed = await team.repository.push(files, message);
  const at = performance.now();
  const { status, body } = await team.deliver(pushed);
  if (status !== 202) throw new Error(`the webhook was answered ${status}: ${body}`);
  return { commit: pushed.after, rollout: rolloutName(team.source, pushed.after, 1), at };
}

/** @returns seconds from the push until the rollout had succeeded */
export function succeeded(
  kube: Kube,
  team: Team,
  { at, rollout }: Pushed,
  intervalMs = defaultIntervalMs,
): Promise<number> {
  const check = async (): Promise<boolean> => {
    const found = (await kube.get('Rollout', team.namespace, rollout)) as Rollout | undefined;
    const phase = found?.status?.phase ?? 'Pending';
    if (phase === 'Succeeded') return true;
    if (found !== undefined && isFinished(phase)) throw new Error(`expected Succeeded: ${explain(found)}`);
    return false;
  };
  return poll(at, check, intervalMs);
}

/** Pushes, and waits until the rollout has succeeded and until that many addresses are Ready. */
export async function commit(
  kube: Kube,
  team: Team,
  files: Files,
  { message, addresses }: { readonly message: string; readonly addresses: number },
): Promise<{ readonly seconds: number; readonly rollout: Rollout }> {
  const pushed = await push(team, files, message);
  const seconds = await succeeded(kube, team, pushed);
  const rollout = (await kube.need('Rollout', team.namespace, pushed.rollout)) as unknown as Rollout;
  // A look at all of them is dear, so it is not taken while the rollout is under way.
  if (await areReady(kube, team.namespace, addresses)) return { seconds, rollout };
  return { seconds: await poll(pushed.at, () => areReady(kube, team.namespace, addresses)), rollout };
}

async function areReady(kube: Kube, namespace: string, count: number): Promise<boolean> {
  const addresses = await kube.list('Address', namespace);
  if (addresses.length !== count) throw new Error(`${addresses.length} addresses instead of ${count}`);
  return addresses.every(isReady);
}

export function isReady(object: KubeObject): boolean {
  return (
    statusOf(object).observedGeneration === object.metadata.generation &&
    conditionOf(object, 'Ready').status === 'True'
  );
}

/** @returns seconds from `since` until the check said yes */
export async function poll(
  since: number,
  check: () => Promise<boolean>,
  intervalMs = defaultIntervalMs,
): Promise<number> {
  for (;;) {
    if (await check()) return (performance.now() - since) / 1000;
    if (performance.now() - since > patienceMs) throw new Error(`nothing after ${patienceMs / 1000} s`);
    await sleep(intervalMs);
  }
}

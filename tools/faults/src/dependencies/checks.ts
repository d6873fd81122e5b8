import { eventually } from '@samband/testing';
import { expectPhase, statusOf, type Team } from '@samband/driver';
import type { Rollout } from '@samband/resources';
import { spaceName, type Tenant, type TenantOptions, type World } from '../scenario.js';

/** A lost activity is noticed by its time limit: half a minute, and some. */
export const recovery = { timeoutMs: 300_000, intervalMs: 250 } as const;

const kept = ['one', 'two', 'three'];

/** A tenant with messages in its queue `store`. */
export interface Keeper {
  readonly tenant: Tenant;
  /** Throws unless messages go through and all that were stored are there; may be tried again at any time. */
  readonly works: () => Promise<true>;
}

export async function keeper(world: World, options?: TenantOptions): Promise<Keeper> {
  const tenant = await world.newTeam(options);
  await send(tenant, 'store', kept);
  return {
    tenant,
    works: async () => {
      await send(tenant, 'orders', ['ping']);
      expectSame(await receive(tenant, 'orders', 1), ['ping'], 'what went through orders');
      expectSame(await browse(tenant, 'store', kept.length), kept, 'what is stored');
      return true;
    },
  };
}

export async function send(
  { team, login }: Tenant,
  address: string,
  bodies: readonly string[],
): Promise<void> {
  const client = await team.connectSoon(login);
  try {
    await client.send(address, ...bodies);
  } finally {
    await client.close();
  }
}

export async function receive({ team, login }: Tenant, address: string, count: number): Promise<string[]> {
  const client = await team.connectSoon(login);
  try {
    return await client.receive(address, count);
  } finally {
    await client.close();
  }
}

/** What is there stays there: to take it out and put it back would lose it when that fails half-way. */
async function browse({ team, login }: Tenant, address: string, count: number): Promise<string[]> {
  const client = await team.connectSoon(login);
  try {
    return await client.browse(address, count);
  } finally {
    await client.close();
  }
}

/** The commit's rollout at its end, which must be good; a poll that finds the API server away tries again. */
export function succeeds(team: Team, commit: string): Promise<Rollout> {
  return eventually(async () => expectPhase(await team.ended(commit), 'Succeeded'), recovery);
}

/** Throws unless there was exactly one attempt at the commit. */
export async function onceOnly(team: Team, commit: string): Promise<void> {
  const attempts = (await team.rollouts()).filter(({ spec }) => spec.commit === commit);
  if (attempts.length !== 1) throw new Error(`${attempts.length} attempts at commit ${commit}, not one`);
}

/** Until the space is Ready at its newest generation, however long its workflow backs off. */
export function spaceReady({ stage }: World, { team }: Tenant): Promise<unknown> {
  return eventually(() => stage.kube.ready('AddressSpace', team.namespace, spaceName), recovery);
}

/** Asks the space to look at everything its broker holds, now. */
export async function lookAgain({ stage }: World, { team }: Tenant): Promise<void> {
  const asked = { 'samband.dev/requested-at': new Date().toISOString() };
  await stage.kube.annotate('AddressSpace', team.namespace, spaceName, asked);
}

/** Until the space says that it is not Ready, and why; returns reason and message. */
export function complains(
  { stage }: World,
  { team }: Tenant,
  what: RegExp,
  patience: { readonly timeoutMs: number; readonly intervalMs: number } = recovery,
): Promise<string> {
  return eventually(async () => {
    const space = await stage.kube.need('AddressSpace', team.namespace, spaceName);
    const ready = statusOf(space).conditions?.find(({ type }) => type === 'Ready');
    const text = `${ready?.reason ?? ''}: ${ready?.message ?? ''}`;
    if (ready?.status === 'False' && what.test(text)) return text.slice(0, 160).replace(/\s+/g, ' ');
    throw new Error(`the space says Ready ${ready?.status ?? 'nothing'}, ${text}`);
  }, patience);
}

export function expectSame(is: unknown, shall: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(is), JSON.stringify(shall)];
  if (found !== wanted) throw new Error(`${what}: ${found}, not ${wanted}`);
}

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SignedPush, Stage } from '@samband/driver';
import type { Benchmark } from '../benchmark.js';
import { startAcceptor } from '../raw/acceptor.js';
import { percentile } from '../statistics.js';
import type { World } from '../world.js';
import { slownessOfRequests } from './changes.js';

const sources = 100;
/** Sources that are prepared at once. */
const together = 5;
const perSecond = 200;
const durationSeconds = 15;

/** A delivery as GitHub makes it, ready to be sent. */
interface Delivery extends SignedPush {
  readonly path: string;
}

/**
 * Deliveries come at a steady rate, however long answers take: the time counts from when one was due, so that a
 * server which stands still is not spared the deliveries that it keeps waiting.
 */
export const webhook: Benchmark = {
  name: 'webhook_p99_ms',
  unit: 'ms',
  limit: 100,
  allows: 'up to',
  run: async (world) => {
    const stage = await world.stage();
    const deliveries = await world.once('webhook deliveries', () => prepare(world, stage));
    await world.stage();
    const times = await deliver(new URL(stage.stack.env.SAMBAND_API), deliveries);
    world.say(told('webhooks', times));
    await world.stage();
    const acceptor = await startAcceptor();
    const rawTimes = await deliver(acceptor.url, deliveries);
    await acceptor.stop();
    world.say(told('raw', rawTimes));
    return {
      value: percentile(times, 0.99),
      raw: percentile(rawTimes, 0.99),
      // The raw p99 is one or two milliseconds and doubles by chance.
      slowness: await slownessOfRequests(world),
    };
  },
};

async function prepare(world: World, stage: Stage): Promise<Delivery[]> {
  world.say(`preparing ${sources} sources`);
  const deliveries: Delivery[] = [];
  for (let first = 1; first <= sources; first += together) {
    const indexes = Array.from({ length: together }, (_, offset) => first + offset);
    deliveries.push(...(await Promise.all(indexes.map((index) => newSource(stage, index)))));
  }
  return deliveries;
}

async function newSource(stage: Stage, index: number): Promise<Delivery> {
  const namespace = `bench-hook-${index}`;
  const team = await stage.team(namespace);
  const pushed = await team.repository.push({ 'README.md': 'Nothing yet.\n' }, 'Begin');
  await team.deliver(pushed);
  // What is measured is how pushes are taken, not how a hundred first rollouts share the processors.
  await team.ended(pushed.after);
  return { path: `/webhooks/${namespace}/${team.source}`, ...team.signedPush(pushed) };
}

/** @returns milliseconds until each was answered */
async function deliver(to: URL, deliveries: readonly Delivery[]): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true });
  const count = perSecond * durationSeconds;
  const began = performance.now();
  const answers: Promise<PromiseSettledResult<number>[]>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = began + (index * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await sleep(early);
    const delivery = deliveries[index % deliveries.length];
    if (delivery === undefined) throw new Error('no deliveries');
    answers.push(Promise.allSettled([post(agent, to, delivery).then(() => performance.now() - due)]));
  }
  const outcomes = (await Promise.all(answers)).flat();
  agent.destroy();
  const [refused, ...others] = outcomes.filter((outcome) => outcome.status === 'rejected');
  // Who is turned away is answered soon: such a time must not count.
  if (refused !== undefined)
    throw new Error(`${others.length + 1} of ${count} not accepted, the first: ${String(refused.reason)}`);
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

function post(agent: http.Agent, to: URL, { path, body, headers }: Delivery): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        host: to.hostname,
        port: to.port,
        path,
        method: 'POST',
        headers: {
          ...headers,
          'content-length': Buffer.byteLength(body),
          'x-github-delivery': randomUUID(),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 202) resolve();
          else reject(new Error(`a webhook was answered ${response.statusCode ?? 0}`));
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function told(what: string, times: readonly number[]): string {
  const at = (share: number): string => percentile(times, share).toFixed(1);
  return `${what}: ${times.length} answers, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@samband/driver';
import type { Tenant } from '../scenario.js';

const pauseMs = 40;
const retryMs = 500;
const timeoutMs = 5_000;
/** When nothing came for so long after the last message was sent, nothing is left. */
const quietMs = 10_000;

export interface Counts {
  readonly acknowledged: number;
  /** Arrived again after a connection was lost: allowed. */
  readonly duplicates: number;
  /** Acknowledged, and never arrived. */
  readonly lost: readonly string[];
}

/** A tenant's applications: one sends numbered durable messages, one receives them, both as long as it takes. */
export interface Traffic {
  /** Stops sending, waits until nothing arrives any more, and tells what became of the messages. */
  finish(): Promise<Counts>;
}

export function startTraffic(tenant: Tenant, address: string): Traffic {
  const acknowledged = new Set<string>();
  const arrived = new Map<string, number>();
  const sending = new AbortController();
  const receiving = new AbortController();
  let lastArrival = Date.now();

  const producer = keep(tenant, sending.signal, async (client) => {
    const sender = await (await client.connection()).openSender(address, { timeoutMs });
    for (let number = acknowledged.size; !sending.signal.aborted; number += 1) {
      const body = `${number}-${Math.floor(performance.now())}`;
      await sender.send({ body, durable: true }, { timeoutMs });
      acknowledged.add(body);
      await sleep(pauseMs);
    }
  });
  const consumer = keep(tenant, receiving.signal, async (client) => {
    const receiver = await (await client.connection()).openReceiver(address, { timeoutMs });
    while (!receiving.signal.aborted) {
      const message = await receiver.next({ timeoutMs });
      const body = String(message.body);
      // Before it is accepted: what is accepted does not come again.
      arrived.set(body, (arrived.get(body) ?? 0) + 1);
      lastArrival = Date.now();
      message.accept();
    }
  });

  return {
    async finish() {
      sending.abort();
      await producer;
      const sent = Date.now();
      while (Date.now() - Math.max(sent, lastArrival) < quietMs) await sleep(retryMs);
      receiving.abort();
      await consumer;
      return {
        acknowledged: acknowledged.size,
        duplicates: [...arrived.values()].reduce((sum, times) => sum + times - 1, 0),
        lost: [...acknowledged].filter((body) => !arrived.has(body)),
      };
    },
  };
}

/** Works with a connection, and with another one after each failure, until it is told to stop. */
async function keep(
  { team, login }: Tenant,
  signal: AbortSignal,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    let client: Client | undefined;
    try {
      client = await team.connect(login);
      await work(client);
    } catch {
      await sleep(retryMs);
    } finally {
      await client?.close().catch(() => undefined);
    }
  }
}

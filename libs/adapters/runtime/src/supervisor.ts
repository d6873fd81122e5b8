import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { brokerFileNames } from '@samband/artemis';
import type { Logger } from '@samband/observability';
import { isRunning, readIfThere, tryWithLock, type ProcessIdentity } from '@samband/processes';
import type { BrokerInstance } from '@samband/topology';
import { currentProcess, endBroker, runBroker, type HostSettings } from './broker-process.js';
import { recordedBrokers, sweepRemoved, type BrokerFolder, type BrokerRecord } from './broker-folder.js';
import { greet } from './greetings.js';
import { answerWithinMs, HangWatch } from './hang-watch.js';
import { cutDown } from './log-file.js';

export interface SupervisorOptions {
  readonly stateDir: string;
  readonly settings: () => Promise<HostSettings>;
  readonly logger: Logger;
  /** Called when a broker was found dead, before it is started. */
  readonly onDeath?: (id: string) => void;
  /** Called when a broker does not serve its tenants any more, before it is ended and started anew. */
  readonly onHang?: (id: string, what: string) => Promise<void>;
  /** Called when a broker has refused messages because it is full, every few seconds while it does. */
  readonly onRefusal?: (id: string) => void;
  /** Called after a broker that had died runs again. */
  readonly onRestart?: (id: string, instance: BrokerInstance) => void;
}

interface Watched {
  identity?: ProcessIdentity;
  /** Starts in a row that came to nothing, or to a broker that soon died again. */
  failures: number;
  notBefore: number;
  startedAt: number;
  busy: boolean;
  /** Of the process that runs now. */
  hangs: HangWatch;
  nextGreeting: number;
  /** What the broker wrote when it last refused a message. */
  refusal: string | undefined;
}

const tickMs = 500;
const ticksPerSweep = 120;
const backoff = { firstMs: 1000, mostMs: 60_000 };
/** A broker that has run this long has recovered from whatever made it die. */
const steadyMs = 60_000;

/**
 * Looks after every broker that has a record: one that does not run is started, like a kubelet does with its
 * pods. Several supervisors of one machine do not get into each other's way: each start is under the broker's
 * lock.
 * @returns how to stop looking; brokers go on running
 */
export function supervise(options: SupervisorOptions): () => Promise<void> {
  const watched = new Map<string, Watched>();
  const looks = new Set<Promise<void>>();
  const stopping = new AbortController();
  // Every connection of every round of greetings listens.
  setMaxListeners(0, stopping.signal);
  let ticks = 0;
  let running = tick();
  const timer = setInterval(() => {
    running = running.then(tick);
  }, tickMs);

  async function tick(): Promise<void> {
    if (stopping.signal.aborted) return;
    try {
      if (ticks++ % ticksPerSweep === 0) await sweepRemoved(options.stateDir);
      const brokers = await recordedBrokers(options.stateDir);
      for (const { folder, record } of brokers) {
        if (ticks % ticksPerSweep === 0) await cutDown(folder.log);
        if (record.parked === true) continue;
        const looking = look(folder, record).finally(() => looks.delete(looking));
        looks.add(looking);
      }
      const ids = new Set(brokers.map(({ folder }) => folder.id));
      for (const id of watched.keys()) if (!ids.has(id)) watched.delete(id);
    } catch (error) {
      options.logger.error('brokers cannot be looked after', { error });
    }
  }

  async function look(folder: BrokerFolder, record: BrokerRecord): Promise<void> {
    const state = watched.get(folder.id) ?? unwatched();
    watched.set(folder.id, state);
    if (state.busy) return;
    state.busy = true;
    try {
      if (state.identity !== undefined && isRunning(state.identity)) {
        await greetInTime(folder, record, state);
        return;
      }
      if (performance.now() < state.notBefore) return;
      await revive(folder, record, state);
    } catch (error) {
      // Nobody knows whether it runs: looked at again at the next tick.
      options.logger.warn('a broker cannot be looked at', { broker: folder.id, error });
    } finally {
      state.busy = false;
    }
  }

  async function greetInTime(folder: BrokerFolder, record: BrokerRecord, state: Watched): Promise<void> {
    const { identity } = state;
    if (identity === undefined || performance.now() < state.nextGreeting) return;
    const refusal = await readIfThere(path.join(folder.path, brokerFileNames.refusals));
    if (refusal !== undefined && refusal !== state.refusal) options.onRefusal?.(folder.id);
    state.refusal = refusal;
    // Whoever stopped it (a debugger) goes on with it, too.
    if (await isStopped(identity)) return;
    const greetings = await greet(record, { timeoutMs: answerWithinMs, signal: stopping.signal });
    const what = state.hangs.judge(greetings);
    state.nextGreeting = performance.now() + state.hangs.nextAfterMs();
    if (what === undefined || stopping.signal.aborted || (await isStopped(identity))) return;
    await tryWithLock(folder.lock, async () => {
      const found = await currentProcess(folder);
      // Whoever had the lock has replaced it: the new one is judged anew.
      if (found?.pid !== identity.pid || found.startTime !== identity.startTime) return;
      options.logger.error('a broker hangs and is ended', { broker: folder.id, what });
      await options.onHang?.(folder.id, what);
      await endBroker(folder);
    });
  }

  async function revive(folder: BrokerFolder, { spec: { id } }: BrokerRecord, state: Watched): Promise<void> {
    try {
      const outcome = await tryWithLock(folder.lock, async () => {
        // Read again: while we waited it may have been started, or removed.
        const record = await folder.readRecord();
        if (record === undefined || record.parked === true || stopping.signal.aborted) return undefined;
        const found = await currentProcess(folder);
        if (found !== undefined) return { identity: found };
        countFailure(state);
        options.logger.warn('a broker does not run and is started', { broker: id });
        options.onDeath?.(id);
        const { instance } = await runBroker(folder, record, await options.settings(), {
          signal: stopping.signal,
        });
        return { identity: await currentProcess(folder), instance };
      });
      if (outcome?.identity !== undefined) {
        state.identity = outcome.identity;
        state.hangs = new HangWatch();
        state.nextGreeting = performance.now() + state.hangs.nextAfterMs();
      }
      if (outcome?.instance !== undefined) {
        state.startedAt = performance.now();
        options.onRestart?.(id, outcome.instance);
      }
    } catch (error) {
      if (stopping.signal.aborted) return;
      options.logger.error('a broker could not be started', { broker: id, error, failures: state.failures });
    }
  }

  return async () => {
    stopping.abort();
    clearInterval(timer);
    await running;
    await Promise.all(looks);
  };
}

/** Whether the process is stopped by a signal. */
async function isStopped({ pid }: ProcessIdentity): Promise<boolean> {
  const stat = (await readIfThere(`/proc/${pid}/stat`)) ?? '';
  return /^[tT]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function unwatched(): Watched {
  return {
    failures: 0,
    notBefore: 0,
    startedAt: 0,
    busy: false,
    hangs: new HangWatch(),
    nextGreeting: 0,
    refusal: undefined,
  };
}

/** Puts off the start after this one; the first after a steady life comes at once. */
function countFailure(state: Watched): void {
  const now = performance.now();
  state.failures = state.startedAt !== 0 && now - state.startedAt > steadyMs ? 1 : state.failures + 1;
  state.notBefore = now + Math.min(backoff.mostMs, backoff.firstMs * 2 ** (state.failures - 1));
}

import { describeRef, setStanding, type ObjectRef, type Rollout } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import type { Waiting, WaitState } from '../wait.js';
import { rolloutRef } from './refs.js';

/** What waits only for a moment is nobody's concern. */
const firstAfterMs = 1_000;
/** Between two writes of the status: whatever goes on, they are few. */
const gapMs = 2_000;
/** Objects that a message names; the rest it counts. */
const named = 5;
/** Events of one wait. */
const maxEvents = 20;

/**
 * Says in a rollout's status what its running step waits for, object by object, while it waits. Costs nothing until
 * something is to be said: a wait for ten thousand objects changes ten thousand times.
 */
export class WaitTeller {
  private state: WaitState | undefined;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = performance.now() + firstAfterMs;
  private writing: Promise<void> = Promise.resolve();
  private readonly warned = new Set<string>();

  constructor(
    private readonly ports: Ports,
    private readonly rollout: EntityRef,
    private readonly step: string,
    /** What becomes of the objects. */
    private readonly become: 'ready' | 'gone' = 'ready',
  ) {}

  /** Told of each look, as often as there is one. */
  readonly look = (state: WaitState): void => {
    this.state = state;
    this.arm();
  };

  /** Of an object that nothing under way can make ready: told at once, and as an Event too. */
  readonly warn = (ref: ObjectRef, reason: string, message: string): void => {
    const text = `${describeRef(ref)}: ${message}`;
    if (this.warned.has(text) || this.warned.size >= maxEvents) return;
    this.warned.add(text);
    this.dueAt = Math.min(this.dueAt, performance.now());
    this.writing = this.writing.then(async () => {
      const rollout = await this.running();
      if (rollout !== undefined) await this.ports.events.record(rollout, 'Warning', reason, text);
    });
    this.writing = this.writing.catch(() => undefined);
  };

  /** Nothing is written any more. */
  async stop(): Promise<void> {
    this.state = undefined;
    clearTimeout(this.timer);
    await this.writing;
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.dueAt = performance.now() + gapMs;
        this.writing = this.writing.then(() => this.write()).catch(() => undefined);
      },
      Math.max(0, this.dueAt - performance.now()),
    );
    this.timer.unref();
  }

  private async write(): Promise<void> {
    const { state } = this;
    this.state = undefined;
    if (state === undefined || state.pending.size === 0) return;
    const message = describeWait(state, this.become);
    const rollout = await this.running();
    const { steps = [], conditions, phase = '' } = rollout?.status ?? {};
    const last = steps.at(-1);
    if (rollout === undefined || last === undefined || last.message === message) return;
    const said = `at step ${this.step}: ${message}`;
    await this.ports.store.patchStatus({
      ref: rolloutRef(this.rollout),
      status: {
        steps: [...steps.slice(0, -1), { ...last, message }],
        conditions: setStanding(
          conditions,
          { standing: 'reconciling', reason: phase, message: said },
          this.ports.now().toISOString(),
        ),
      },
      // Should the rollout's own account change at this moment, that is newer than what is said here.
      resourceVersion: rollout.metadata.resourceVersion ?? '',
    });
  }

  /** The rollout while it is at this very step: an attempt that was given up says nothing of another step. */
  private async running(): Promise<Rollout | undefined> {
    const rollout = (await this.ports.store.get(rolloutRef(this.rollout))) as Rollout | undefined;
    const last = rollout?.status?.steps?.at(-1);
    return last?.name === this.step && last.phase === 'Running' ? rollout : undefined;
  }
}

/** `2 of 7 ready; waits for …`: those first that will not become ready by themselves. */
function describeWait({ done, total, pending, doubted }: WaitState, become: string): string {
  const first: Waiting[] = [];
  const keys = new Set<string>();
  const take = (key: string, one: Waiting | undefined): void => {
    if (one === undefined || keys.has(key)) return;
    keys.add(key);
    first.push(one);
  };
  for (const key of doubted) {
    if (first.length >= named) break;
    take(key, pending.get(key));
  }
  for (const [key, one] of pending) {
    if (first.length >= named) break;
    take(key, one);
  }
  const objects = first.map(({ ref, message }) => `${describeRef(ref)}: ${clip(message, 300)}`);
  const more = pending.size > first.length ? [`${pending.size - first.length} more`] : [];
  return `${done} of ${total} ${become}; waits for ${[...objects, ...more].join('; ')}`;
}

import { logsEveryMs, type Logs } from './logs.js';
import type { Gate, Part, PartName } from './part.js';
import { Supervised, type SupervisionOptions } from './supervised.js';

export interface PartStatus {
  readonly name: PartName;
  readonly pid: number | undefined;
  readonly ready: boolean;
  readonly restarts: number;
}

/** Keeps all parts running; starts each as soon as what it needs is there. */
export class Supervisor {
  private readonly parts = new Map<PartName, Supervised>();
  private readonly done = new Map<PartName | Gate, Promise<void>>();
  private readonly trimming: NodeJS.Timeout;
  private closing = false;

  constructor(private readonly options: SupervisionOptions & { readonly logs: Logs }) {
    this.trimming = setInterval(() => {
      for (const name of this.parts.keys()) options.logs.cut(name);
    }, logsEveryMs);
    this.trimming.unref();
  }

  /**
   * Starts parts and gates, each once what it needs is ready.
   *
   * @throws when one of them fails; the others may still be running then: stop them
   */
  async start(
    parts: readonly Part[],
    gates: readonly { name: Gate; needs: readonly PartName[]; pass: () => Promise<void> }[],
    onReady: (name: PartName | Gate, ms: number) => void,
  ): Promise<void> {
    const began = Date.now();
    const waits = new Map<PartName | Gate, { go: () => void }>();
    const steps = [
      ...parts.map((part) => ({ name: part.name, needs: part.needs, run: () => this.supervise(part) })),
      ...gates.map(({ name, needs, pass }) => ({ name, needs, run: pass })),
    ];
    for (const step of steps) {
      const started = new Promise<void>((go) => waits.set(step.name, { go }));
      const done = started
        .then(() => Promise.all(step.needs.map((need) => this.need(step.name, need))))
        .then(step.run)
        .then(() => {
          onReady(step.name, Date.now() - began);
        });
      done.catch(() => undefined); // Whoever needs it, and the caller, are told below.
      this.done.set(step.name, done);
    }
    for (const { go } of waits.values()) go();
    await Promise.all(this.done.values());
  }

  status(): PartStatus[] {
    return [...this.parts.values()].map(({ part, pid, state }) => ({ name: part.name, pid, ...state }));
  }

  kill(name: PartName, signal: NodeJS.Signals): void {
    const found = this.parts.get(name);
    if (found === undefined) throw new Error(`${name} is no part of this stack`);
    found.kill(signal);
  }

  /** Stops the named parts side by side. From now on none is started any more. */
  async stop(names: readonly PartName[]): Promise<void> {
    this.closing = true;
    await Promise.all(
      names.map(async (name) => {
        await this.parts.get(name)?.stop();
      }),
    );
  }

  /** No more waiting: kills everything that runs. */
  forceAll(): void {
    for (const part of this.parts.values()) part.kill('SIGKILL');
  }

  close(): void {
    clearInterval(this.trimming);
  }

  private async supervise(part: Part): Promise<void> {
    if (this.closing) throw new Error(`the stack was stopped before ${part.name} was started`);
    const supervised = new Supervised(part, this.options);
    this.parts.set(part.name, supervised);
    await supervised.start();
  }

  /** When a part is ready that is started side by side with the caller. */
  async ready(name: PartName): Promise<void> {
    await this.need('the stack', name);
  }

  private need(who: string, what: PartName | Gate): Promise<void> {
    const done = this.done.get(what);
    if (done === undefined) throw new Error(`${who} needs ${what}, which is no part of this stack`);
    return done;
  }
}

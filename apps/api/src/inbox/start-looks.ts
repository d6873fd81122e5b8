import { errorCode } from '@samband/errors';
import { kindRef } from '@samband/resources';
import type { Clock, LiveResources } from '../ports.js';
import type { Inbox } from './inbox.js';

/** Milliseconds between two of them: a look costs the stack about a tenth of a second of a processor. */
const pause = 200;
/** Milliseconds until the sources are asked for again, while they are not known yet. */
const retry = 1_000;

interface StartLooksOptions {
  readonly resources: LiveResources;
  readonly inbox: Pick<Inbox, 'signal'>;
  readonly clock: Clock;
}

/**
 * Makes every source look once, one after the other: while the api was not there, or not ready, pushes met a closed
 * door, and providers do not send them again.
 */
export class StartLooks {
  #isStopped = false;

  constructor(private readonly options: StartLooksOptions) {}

  /** Resolves when all have been told to. */
  async run(): Promise<void> {
    const { inbox, clock } = this.options;
    for (const { metadata } of await this.#sources()) {
      if (this.#isStopped) return;
      inbox.signal({ namespace: metadata.namespace ?? '', name: metadata.name });
      await clock.sleep(pause);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #sources(): Promise<ReturnType<LiveResources['list']>> {
    while (!this.#isStopped) {
      try {
        return this.options.resources.list(kindRef('GitSource'));
      } catch (error) {
        if (errorCode(error) !== 'KUBERNETES_UNAVAILABLE') throw error;
        await this.options.clock.sleep(retry);
      }
    }
    return [];
  }
}

import type { ResourceStore } from '@samband/resources';
import { bulkCalls, Killed } from './bulk-calls.js';

/** Calls that a process gets done before it is killed; everything that shares it dies together. */
export class Lifetime {
  private done = 0;

  /** @param allowed calls that take effect; every later one fails */
  constructor(private readonly allowed = Infinity) {}

  /** Calls that took effect. */
  get calls(): number {
    return this.done;
  }

  get isOver(): boolean {
    return this.done >= this.allowed;
  }

  /** Throws `Killed` when the time is up. */
  spend(): void {
    if (this.isOver) throw new Killed(`killed after ${this.allowed} calls`);
    this.done += 1;
  }
}

/** A port whose calls take effect only as long as the process lives. Only for ports whose methods are all async. */
export function mortal<T extends object>(port: T, life: Lifetime): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): Promise<unknown> =>
        new Promise((resolve) => {
          life.spend();
          resolve(Reflect.apply(member, target, args));
        });
    },
  });
}

/** The same for a store; of a bulk call each object counts. */
export function mortalStore(store: ResourceStore, life: Lifetime): ResourceStore {
  const single = mortal(store, life);
  const bulk = bulkCalls(single);
  return new Proxy(single, {
    get: (target, name): unknown => Reflect.get(Object.hasOwn(bulk, name) ? bulk : target, name),
  });
}

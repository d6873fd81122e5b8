import type { Ports } from './ports.js';
import { isDisowned } from './running.js';

/**
 * The ports as an attempt may use them that can be given up (timed out, its workflow gone): from then on another
 * one does the step, and nothing that is left of this one reaches the API server or the broker's machine.
 */
export function guardPorts(ports: Ports, signal: AbortSignal): Ports {
  const { runtime } = ports;
  return {
    ...ports,
    store: guard(ports.store, signal),
    runtime: {
      ensureBroker: (spec, options) => guard(runtime, signal).ensureBroker(spec, options),
      inspectBroker: (id) => runtime.inspectBroker(id),
      removeBroker: (id, owner) => guard(runtime, signal).removeBroker(id, owner),
      freeMemoryMiB: () => runtime.freeMemoryMiB(),
      files: (id) => guard(runtime.files(id), signal),
    },
  };
}

function guard<T extends object>(port: T, signal: AbortSignal): T {
  return new Proxy(port, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (isDisowned(signal)) return Promise.reject(signal.reason as Error);
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

import type { Ports } from './ports.js';
import type { Running } from './running.js';

/**
 * The ports as an attempt may use them that can be given up (timed out, its workflow gone): from then on another
 * one does the step, and nothing that is left of this one reaches the API server or the broker's machine.
 */
export function guardPorts(ports: Ports, run: Running): Ports {
  const { runtime } = ports;
  return {
    ...ports,
    store: guard(ports.store, run),
    runtime: {
      ensureBroker: (spec, options) => guard(runtime, run).ensureBroker(spec, options),
      inspectBroker: (id) => runtime.inspectBroker(id),
      removeBroker: (id, owner) => guard(runtime, run).removeBroker(id, owner),
      freeMemoryMiB: () => runtime.freeMemoryMiB(),
      files: (id) => guard(runtime.files(id), run),
    },
  };
}

function guard<T extends object>(port: T, run: Running): T {
  return new Proxy(port, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (run.isDisowned()) return Promise.reject(run.signal.reason as Error);
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

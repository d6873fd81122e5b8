import { setMaxListeners } from 'node:events';
import type { WriteOptions } from '@samband/resources';
import type { Ports } from './ports.js';
import { isDisowned, type Running } from './running.js';
import type { BrokerSession } from './space/sessions.js';

/**
 * The ports as an attempt may use them that can be given up (timed out, its workflow gone): from then on another
 * one does the step, and nothing that is left of this one reaches the API server or the broker's machine.
 */
export function guardPorts(ports: Ports, run: Running): Ports {
  const { runtime } = ports;
  return {
    ...ports,
    store: guard(stopping(ports.store, run), run),
    runtime: {
      ensureBroker: (spec, options) => guard(runtime, run).ensureBroker(spec, options),
      inspectBroker: (id) => runtime.inspectBroker(id),
      inspectStore: (id) => runtime.inspectStore(id),
      parkBroker: (id, owner) => guard(runtime, run).parkBroker(id, owner),
      removeBroker: (id, owner) => guard(runtime, run).removeBroker(id, owner),
      files: (id) => guard(runtime.files(id), run),
    },
  };
}

/** A session with a broker as such an attempt may use it: of what it asks after it was given up, nothing arrives. */
export function guardSession(session: BrokerSession, run: Running): BrokerSession {
  const management = guard(session.management, run);
  return new Proxy(session, {
    get: (target, name): unknown => (name === 'management' ? management : Reflect.get(target, name)),
  });
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

/** Where the writes of a store take their options. */
const optionsAt: Readonly<Record<string, number>> = {
  create: 1,
  replace: 1,
  apply: 1,
  patch: 2,
  delete: 1,
  applyMany: 1,
  patchStatusMany: 1,
  deleteMany: 1,
};

/** A write that was called in time, too, is not tried again once the attempt was given up. */
function stopping(store: Ports['store'], run: Running): Ports['store'] {
  const signal = givenUp(run);
  return new Proxy(store, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      const at = optionsAt[String(name)];
      if (typeof member !== 'function' || at === undefined) return member;
      return (...args: unknown[]): unknown => {
        const given = args.slice();
        given[at] = { signal, ...(args[at] as WriteOptions | undefined) };
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
}

/** Unlike the attempt's own signal it lets one that is merely cancelled write down what it did. */
function givenUp({ signal }: Running): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (isDisowned(signal)) controller.abort(signal.reason);
  };
  signal.addEventListener('abort', look, { once: true });
  look();
  setMaxListeners(0, controller.signal);
  return controller.signal;
}

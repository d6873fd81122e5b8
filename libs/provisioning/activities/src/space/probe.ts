import { SambandError } from '@samband/errors';
import type { EntityRef, SpaceRun } from '@samband/contract';
import type { Ports } from '../ports.js';
import { decideFor, tenantCa } from './certificates.js';
import { requireFacts } from './gather.js';
import { ensureSpaceInfra } from './infra-secret.js';

/** Proves the space with a real message: TLS, login, send, receive. Throws PROBE_FAILED. */
export async function probeSpace(ports: Ports, ref: EntityRef, of?: SpaceRun): Promise<void> {
  const { space, id } = await requireFacts(ports, ref, of);
  const infra = await ensureSpaceInfra(ports, ref);
  const instance = await ports.runtime.inspectBroker(id);
  if (instance === undefined) throw new SambandError('BROKER_UNAVAILABLE', 'the broker does not run');
  await ports.brokers.probe({
    host: instance.host,
    amqpsPort: instance.ports.amqps,
    ca: tenantCa(space, infra),
    ...(decideFor(space).source.from === 'certBundle' ? { certificate: tenantCa(space, infra) } : {}),
    username: ports.brokers.probeUser,
    password: infra.probePassword,
  });
}

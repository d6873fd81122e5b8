import { brokerSpec } from '@samband/topology';
import type { EntityRef, SpaceRun } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { endParking } from './adopt.js';
import { ensureTenantCertificate } from './certificates.js';
import { requireFacts, type SpaceFacts } from './gather.js';
import { ensureSpaceInfra, type SpaceInfra } from './infra-secret.js';
import type { BrokerSessions } from './sessions.js';
import { writeUserFiles } from './user-files.js';

/** Certificates, files, then the broker itself: started, adopted, or restarted when its spec changed. */
export async function provisionBroker(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  run: Running,
  of?: SpaceRun,
): Promise<{ incarnation: string; restarted: boolean }> {
  const facts = await requireFacts(ports, ref, of);
  const infra = await ensureSpaceInfra(ports, ref);
  run.beat('certificates');
  await writeFiles(ports, facts, infra);
  const before = await ports.runtime.inspectBroker(facts.id);
  run.beat('broker');
  const spec = brokerSpec({
    id: facts.id,
    ...ref,
    space: ref.name,
    plan: facts.plan,
    authentication: facts.authentication,
  });
  const instance = await ports.runtime.ensureBroker(spec, { signal: run.signal, onProgress: run.beat });
  await sessions.open(facts.id, infra);
  await endParking(ports, ref, facts.id, facts.space, infra);
  return { incarnation: instance.incarnation, restarted: instance.incarnation !== before?.incarnation };
}

async function writeFiles(ports: Ports, { id, space }: SpaceFacts, infra: SpaceInfra): Promise<void> {
  const files = ports.runtime.files(id);
  const tenants = await ensureTenantCertificate(ports, space, id, infra);
  const tls = ports.brokers.renderTlsFiles({
    tenants,
    admin: infra.broker,
    adminCa: infra.internalCa.certificate,
  });
  await files.write(tls);
  // Who may log in is `syncUsers`' to say; a broker that never ran needs the files all the same.
  const [loginFile = ''] = ports.brokers.loginFiles;
  if ((await files.read(loginFile)) === undefined) await writeUserFiles(ports, id, infra, []);
}

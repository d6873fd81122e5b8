import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectAmqp } from '@samband/amqp';
import { INFRA_NAMESPACE } from '@samband/resources';
import { spaceName, type Tenant, type World } from '../scenario.js';

/** The broker of a tenant's space, as an operator of its machine finds it. */
export interface Broker {
  readonly id: string;
  readonly folder: string;
  /** Of the process that was started last. */
  pid(): number;
  signal(signal: NodeJS.Signals): void;
  /** Name of the Secret with what its administrators need. */
  readonly secret: string;
  /** One operation of Artemis' management, with the administrator's own certificate. Throws what it refuses. */
  manage(resource: string, operation: string, parameters: readonly unknown[]): Promise<unknown>;
}

export async function brokerOf({ stage }: World, { team }: Tenant): Promise<Broker> {
  const secrets = await stage.kube.list('Secret', INFRA_NAMESPACE);
  const own = secrets.find(({ metadata: { name, annotations = {} } }) => {
    const { addressSpace, addressSpaceNamespace } = annotations;
    return (
      name.startsWith('broker-') && addressSpace === spaceName && addressSpaceNamespace === team.namespace
    );
  });
  if (own === undefined) throw new Error(`there is no broker of ${team.namespace}`);
  const secret = own.metadata.name;
  const id = secret.slice('broker-'.length);
  const folder = path.join(stage.stateDir, 'brokers', id);
  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const pid = (): number => (read('pid.json') as { pid: number }).pid;
  return {
    id,
    folder,
    secret,
    pid,
    signal: (signal) => {
      process.kill(pid(), signal);
    },
    manage: async (resource, operation, parameters) => {
      const keys = await stage.kube.secret(INFRA_NAMESPACE, secret);
      const { host, ports } = read('broker.json') as { host: string; ports: { admin: number } };
      const connection = await connectAmqp({
        host,
        port: ports.admin,
        tls: {
          ca: keys['internal-ca.crt'] ?? '',
          cert: keys['admin.crt'] ?? '',
          key: keys['admin.key'] ?? '',
          servername: `${id}.broker.samband.internal`,
        },
        mechanism: 'EXTERNAL',
        containerId: 'somebody',
        timeoutMs: 10_000,
      });
      try {
        const answer = await connection.request(
          'activemq.management',
          {
            applicationProperties: { _AMQ_ResourceName: resource, _AMQ_OperationName: operation },
            body: JSON.stringify(parameters),
          },
          { timeoutMs: 10_000 },
        );
        if (answer.applicationProperties?.['_AMQ_OperationSucceeded'] === true) return answer.body;
        throw new Error(`the broker refuses ${operation}: ${String(answer.body)}`);
      } finally {
        await connection.close();
      }
    },
  };
}

import { connectAmqp } from '@samband/amqp';

/** Where a broker is managed, and the certificate that opens it. */
export interface BrokerManagementAccess {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface RawManagement {
  /** One operation of the broker; the connections take turns. */
  invoke(operation: string, ...parameters: readonly unknown[]): Promise<unknown>;
  createQueue(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function connectRawManagement(
  { host, port, serverName, ca, certificate, key }: BrokerManagementAccess,
  connections: number,
): Promise<RawManagement> {
  const opened = await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await connectAmqp({
        host,
        port,
        tls: { ca, cert: certificate, key, servername: serverName },
        mechanism: 'EXTERNAL',
        containerId: 'bench-raw',
        timeoutMs: 30_000,
      });
      const requester = await connection.openRequester('activemq.management', {
        timeoutMs: 60_000,
        credit: 500,
      });
      return { connection, requester };
    }),
  );
  let turn = 0;
  const invoke: RawManagement['invoke'] = async (operation, ...parameters) => {
    turn = (turn + 1) % connections;
    const answer = await opened[turn]?.requester.request({
      applicationProperties: { _AMQ_ResourceName: 'broker', _AMQ_OperationName: operation },
      body: JSON.stringify(parameters),
    });
    if (answer?.applicationProperties?.['_AMQ_OperationSucceeded'] !== true)
      throw new Error(`the broker refused ${operation}: ${String(answer?.body)}`);
    return answer.body;
  };
  return {
    invoke,
    createQueue: async (name) => {
      await invoke('createQueue', queueConfiguration(name), false);
    },
    close: async () => {
      await Promise.all(opened.map(({ connection }) => connection.close()));
    },
  };
}

function queueConfiguration(name: string): string {
  return JSON.stringify({
    name,
    address: name,
    'routing-type': 'ANYCAST',
    durable: true,
    'max-consumers': -1,
    'auto-create-address': true,
    'auto-delete': false,
  });
}

import { connectAmqp, type AmqpConnection, type AmqpRequester, type ReceivedMessage } from '@samband/amqp';
import { errorCode, SambandError } from '@samband/errors';
import type { BrokerAccess } from '@samband/topology';
import { adminServerName } from '../names.js';

/** What one management operation is about: `broker`, `queue.<name>`, `address.<name>` or `acceptor.<name>`. */
export type Resource = 'broker' | `queue.${string}` | `address.${string}` | `acceptor.${string}`;

/** One connection to a broker's management address. */
export interface ManagementChannel {
  /**
   * @returns the parsed first value of the answer, `undefined` for a void operation
   * @throws SambandError BROKER_REFUSED with fact `artemis` (e.g. `AMQ229017`) when the broker says no,
   *   BROKER_UNAVAILABLE when it does not answer
   */
  invoke(
    resource: Resource,
    operation: string,
    parameters: readonly unknown[],
    timeoutMs?: number,
  ): Promise<unknown>;
  attribute(resource: Resource, name: string): Promise<unknown>;
  inFlight(): number;
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface ChannelOptions {
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
}

/** Protocol: manual of Artemis, "Management", over AMQP. A refused operation is an ordinary answer. */
export async function openChannel(access: BrokerAccess, options: ChannelOptions): Promise<ManagementChannel> {
  const { instance, admin } = access;
  let connection: AmqpConnection | undefined;
  let requester: AmqpRequester;
  try {
    connection = await connectAmqp({
      host: instance.host,
      port: instance.ports.admin,
      tls: {
        ca: admin.ca,
        cert: admin.certificate,
        key: admin.key,
        servername: adminServerName(instance.id),
      },
      mechanism: 'EXTERNAL',
      containerId: 'samband-management',
      timeoutMs: options.connectTimeoutMs,
    });
    requester = await connection.openRequester('activemq.management', {
      timeoutMs: options.operationTimeoutMs,
      credit: 500,
    });
  } catch (error) {
    await connection?.close();
    throw unavailable(instance.id, error);
  }
  const open = connection;

  const ask = async (
    properties: Readonly<Record<string, string>>,
    parameters: readonly unknown[],
    timeoutMs = options.operationTimeoutMs,
  ): Promise<unknown> => {
    const answer = await requester
      .request({ applicationProperties: properties, body: JSON.stringify(parameters) }, { timeoutMs })
      .catch((error: unknown) => {
        throw unavailable(instance.id, error);
      });
    const { succeeded, result } = understood(answer);
    if (succeeded) return result;
    throw refusal(result);
  };

  return {
    invoke: (resource, operation, parameters, timeoutMs) =>
      ask({ _AMQ_ResourceName: resource, _AMQ_OperationName: operation }, parameters, timeoutMs),
    attribute: async (resource, name) => {
      const value = await ask({ _AMQ_ResourceName: resource, _AMQ_Attribute: name }, []);
      // Every attribute has a value; that a queue is missing would be said in so many words.
      if (value === undefined) throw noAnswer();
      return value;
    },
    inFlight: () => requester.inFlight(),
    isOpen: () => open.isOpen(),
    close: () => open.close(),
  };
}

/** Artemis' own number of a refusal, e.g. `AMQ229017`. */
export function artemisCode(error: unknown): string | undefined {
  if (errorCode(error) !== 'BROKER_REFUSED') return undefined;
  const { artemis } = (error as SambandError).facts;
  return typeof artemis === 'string' ? artemis : undefined;
}

/** @throws SambandError BROKER_UNAVAILABLE for what is no answer of Artemis: nothing may be concluded from it */
function understood(answer: ReceivedMessage): { succeeded: boolean; result: unknown } {
  const succeeded = answer.applicationProperties?.['_AMQ_OperationSucceeded'];
  if (typeof succeeded !== 'boolean') throw noAnswer();
  const { body } = answer;
  if (body === undefined || body === null) return { succeeded, result: undefined };
  if (typeof body !== 'string') throw noAnswer();
  try {
    const values: unknown = JSON.parse(body);
    if (Array.isArray(values)) return { succeeded, result: values[0] as unknown };
  } catch {
    // Told below.
  }
  throw noAnswer();
}

function noAnswer(): SambandError {
  return new SambandError('BROKER_UNAVAILABLE', 'the broker answers management with something else');
}

function refusal(result: unknown): SambandError {
  const text = typeof result === 'string' ? result : 'no reason given';
  // It accepts connections a moment before it may be managed: nobody is refused anything by that.
  if (text.includes('Broker is not started'))
    return new SambandError('BROKER_UNAVAILABLE', `the broker is still starting: ${text}`);
  const number = /AMQ\d{6}/.exec(text)?.[0];
  return new SambandError('BROKER_REFUSED', `the broker refused: ${text}`, {
    facts: number === undefined ? {} : { artemis: number },
  });
}

function unavailable(id: string, cause: unknown): SambandError {
  const reason = cause instanceof Error ? cause.message : 'unknown failure';
  return new SambandError('BROKER_UNAVAILABLE', `broker ${id} does not answer: ${reason}`, {
    cause,
    facts: { id },
  });
}

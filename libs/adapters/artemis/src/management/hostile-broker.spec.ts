import type net from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerManagement, DesiredAddress } from '@samband/topology';
import rhea, { type Container, type EventContext, type Message } from 'rhea';
import { adminServerName } from '../names.js';
import {
  createTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from '../testing/test-certificates.js';
import { createBrokerManagement } from './broker-management.js';

const id = '0123456';
const orders: DesiredAddress = { address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } };

type Answer = { ok: boolean; body: unknown } | 'never';

/** A peer that speaks AMQP as a broker does, and answers management as each test arranges. */
describe('a broker that answers management', () => {
  let authority: TestAuthority;
  let own: TestCertificate;
  let admin: TestCertificate;
  let peer: Container;
  let server: net.Server;
  let management: BrokerManagement;
  let asked: string[];
  let answer: (operation: string) => Answer;

  beforeAll(async () => {
    authority = await createTestAuthority();
    own = await authority.issue('CN=broker', { dns: [adminServerName(id)] });
    admin = await authority.issue('CN=admin');
  });

  beforeEach(async () => {
    asked = [];
    peer = rhea.create_container();
    for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error'])
      peer.on(event, () => undefined);
    const replies = new Map<string, EventContext['sender']>();
    peer.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target(receiver.target));
    peer.on('sender_open', ({ sender }: EventContext) => {
      const address = `reply-${replies.size}`;
      sender?.set_source({ ...sender.source, address });
      replies.set(address, sender);
    });
    peer.on('message', ({ message }: EventContext) => {
      if (message === undefined) return;
      const operation = operationOf(message);
      asked.push(operation);
      const given = answer(operation);
      if (given === 'never') return;
      replies.get(String(message.reply_to))?.send({
        ...(message.correlation_id === undefined ? {} : { correlation_id: message.correlation_id }),
        application_properties: { _AMQ_OperationSucceeded: given.ok },
        body: given.body,
      });
    });
    (peer.sasl_server_mechanisms as unknown as Record<string, unknown>)['EXTERNAL'] = () => ({
      start: () => Promise.resolve(true),
      outcome: true,
    });
    server = peer.listen({
      port: 0,
      host: '127.0.0.1',
      transport: 'tls',
      cert: own.certificate,
      key: own.key,
      ca: authority.ca,
      requestCert: true,
    } as never);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    management = createBrokerManagement(
      {
        instance: { id, incarnation: '1', host: '127.0.0.1', ports: { amqp: 1, amqps: 2, admin: port } },
        admin: { ca: authority.ca, certificate: admin.certificate, key: admin.key },
      },
      { connectTimeoutMs: 2_000, operationTimeoutMs: 150 },
    );
  });
  afterEach(async () => {
    await management.close();
    server.close();
  });

  it('with an error: the address is refused by name, and the next question is asked', async () => {
    answer = (operation) => ({ ok: false, body: JSON.stringify([`AMQ229032: no, not ${operation}`]) });
    expect(await management.ensureAddresses([orders])).toEqual([
      { ok: false, code: 'BROKER_REFUSED', message: expect.stringContaining('AMQ229032') },
    ]);
    expect(await management.removeQueues([{ queue: 'orders', address: 'orders' }])).toMatchObject([
      { outcome: 'failed', code: 'BROKER_REFUSED' },
    ]);
    expect(asked.length).toBeGreaterThan(1);
  });

  it('that it is not started yet: it is away, and no address is refused for it', async () => {
    const body = JSON.stringify(['Broker is not started. It can not be managed yet']);
    answer = () => ({ ok: false, body });
    await expect(management.ensureAddresses([orders])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  it('never: it is taken for away after the time of one question', async () => {
    answer = () => 'never';
    await expect(management.ensureAddresses([orders])).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining(id),
    });
  });

  it.each([
    ['no JSON', '{]'],
    ['JSON that is no list', '"yes"'],
    ['a list of something else', '[{"a":1}]'],
    ['bytes', Buffer.from([0, 1, 2])],
    ['nothing', undefined],
    ['another JSON text', '["{]"]'],
    ['a count that is none', '["many"]'],
  ])('with %s where an answer is due: nothing is believed, nothing is destroyed', async (_, body) => {
    answer = () => ({ ok: true, body });
    const observing = management.observe();
    await expect(observing).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const removing = await management
      .removeQueues([{ queue: 'orders', address: 'orders' }])
      .catch((error: unknown) => error);
    expect(JSON.stringify(removing)).not.toContain('destroyed');
    expect(asked).not.toContain('destroyQueue');
  });
});

function operationOf({ application_properties: properties = {} }: Message): string {
  return String(properties['_AMQ_OperationName'] ?? properties['_AMQ_Attribute']);
}

import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import rhea, { type Container, type EventContext, type Sender } from 'rhea';
import { connectAmqp, type AmqpConnection, type AmqpOptions } from './connection.js';

/** A peer on the loopback that does what each test arranges. */
describe('an AMQP connection', () => {
  let peer: Container;
  let server: net.Server;
  let port: number;
  let connection: AmqpConnection | undefined;

  beforeEach(async () => {
    peer = rhea.create_container();
    for (const event of ['error', 'protocol_error', 'connection_error', 'disconnected', 'session_error'])
      peer.on(event, () => undefined);
    // A terminus is what says that a link was not refused.
    peer.on('receiver_open', ({ receiver }: EventContext) => receiver?.set_target(receiver.target));
    peer.on('sender_open', ({ sender }: EventContext) =>
      sender?.set_source({ ...sender.source, address: sender.source.address }),
    );
    server = peer.listen({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as net.AddressInfo).port;
  });
  afterEach(async () => {
    await connection?.close();
    connection = undefined;
    server.close();
  });

  const connect = async (options: Partial<AmqpOptions> = {}): Promise<AmqpConnection> => {
    connection = await connectAmqp({
      host: '127.0.0.1',
      port,
      containerId: 'test',
      timeoutMs: 2000,
      ...options,
    });
    return connection;
  };
  const expectPassword = (password: string): void => {
    (
      peer.sasl_server_mechanisms as { enable_plain(check: (user: string, given: string) => boolean): void }
    ).enable_plain((user, given) => user === 'üser' && given === password);
  };

  it('logs in with names and passwords beyond ASCII', async () => {
    expectPassword('pässwörd €');
    await connect({ username: 'üser', password: 'pässwörd €' });
    expect(connection?.isOpen()).toBe(true);
  });

  it('says UNAUTHENTICATED for a wrong password, without the password', async () => {
    expectPassword('right');
    await expect(connect({ username: 'üser', password: 'wrong-one' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(connect({ username: 'üser', password: 'wrong-one' })).rejects.not.toThrow(/wrong-one/);
  });

  it('says BROKER_UNAVAILABLE when nobody listens, and AMQP_TIMEOUT when nobody answers', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port: silentPort } = silent.address() as net.AddressInfo;
    await expect(connect({ port: silentPort, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'AMQP_TIMEOUT',
    });
    await new Promise((resolve) => silent.close(resolve));
    await expect(connect({ port: silentPort })).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  it('survives a peer that does not speak AMQP', async () => {
    const web = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      web.listen(0, '127.0.0.1', resolve);
    });
    await expect(connect({ port: (web.address() as net.AddressInfo).port })).rejects.toHaveProperty('code');
    web.close();
  });

  it('sends, and waits for the verdict of the peer', async () => {
    const verdicts = ['accept', 'reject', 'release'] as const;
    let next = 0;
    peer.on('receiver_open', ({ receiver }: EventContext) => {
      receiver?.set_credit_window(0);
      receiver?.add_credit(10);
    });
    peer.options['autoaccept'] = false;
    peer.on('message', ({ delivery }: EventContext) => {
      const verdict = verdicts[next];
      next += 1;
      if (verdict === 'accept') delivery?.accept();
      if (verdict === 'reject')
        delivery?.reject({ condition: 'amqp:unauthorized-access', description: 'no' });
      if (verdict === 'release') delivery?.release();
    });
    const sender = await (await connect()).openSender('queue', { timeoutMs: 1000 });
    await sender.send({ body: 1 });
    await expect(sender.send({ body: 2 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(sender.send({ body: 3 })).rejects.toMatchObject({ code: 'AMQP_REFUSED' });
  });

  it('says AMQP_NO_CREDIT when the peer takes nothing, and does not send it later', async () => {
    const got: unknown[] = [];
    let grant: (() => void) | undefined;
    peer.options['credit_window'] = 0;
    peer.on('receiver_open', ({ receiver }: EventContext) => {
      grant = () => receiver?.add_credit(10);
    });
    peer.on('message', ({ message }: EventContext) => got.push(message?.body));
    const sender = await (await connect()).openSender('queue', { timeoutMs: 1000 });
    await expect(sender.send({ body: 'late' }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'AMQP_NO_CREDIT',
    });
    grant?.();
    await sender.send({ body: 'now' });
    expect(got).toEqual(['now']);
  });

  it('rejects a link that the peer refuses, which first attaches without a terminus', async () => {
    peer.removeAllListeners('receiver_open');
    peer.on('receiver_open', ({ receiver }: EventContext) =>
      receiver?.close({ condition: 'amqp:not-found', description: 'none' }),
    );
    const open = await connect();
    await expect(open.openSender('x', { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(open.openReceiver('x', { timeoutMs: 1000 })).resolves.toMatchObject({ address: 'x' });
  });

  it('matches answers to requests by correlation id, in whatever order they come', async () => {
    const replies: Sender[] = [];
    const requests: { to: string; id: unknown; body: unknown }[] = [];
    peer.on('sender_open', ({ sender }: EventContext) => {
      if (sender === undefined) return;
      sender.set_source({ address: 'reply-1', dynamic: true });
      replies.push(sender);
    });
    peer.on('message', ({ message }: EventContext) => {
      requests.push({
        to: String(message?.reply_to),
        id: message?.correlation_id,
        body: message?.body as unknown,
      });
      if (requests.length < 3) return;
      for (const { id, body, to } of requests.splice(0).reverse()) {
        replies[0]?.send({ to, correlation_id: id as number, body: `answer to ${String(body)}` });
      }
    });
    const requester = await (await connect()).openRequester('service', { timeoutMs: 1000 });
    const answers = await Promise.all(['a', 'b', 'c'].map((body) => requester.request({ body })));
    expect(answers.map(({ body }) => body)).toEqual(['answer to a', 'answer to b', 'answer to c']);
    await expect(requester.request({ body: 'alone' }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'AMQP_TIMEOUT',
    });
    expect(requester.inFlight()).toBe(0);
  });

  it('fails what is under way when the peer goes away, and tells once', async () => {
    const sockets: net.Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const open = await connect();
    const told: unknown[] = [];
    open.onClosed((failure) => told.push(failure?.code));
    const receiver = await open.openReceiver('queue', { timeoutMs: 1000 });
    const message = receiver.next({ timeoutMs: 5000 });
    // With an error, so that the peer stops its heartbeat too.
    for (const socket of sockets) socket.destroy(new Error('gone'));
    await expect(message).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await expect(open.openSender('queue', { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
    await open.close();
    expect(told).toEqual(['BROKER_UNAVAILABLE']);
  });

  it('tells no failure for a close that was asked for', async () => {
    const open = await connect();
    const told: unknown[] = [];
    open.onClosed((failure) => told.push(failure));
    await open.close();
    await open.close();
    expect([told, open.isOpen()]).toEqual([[undefined], false]);
  });
});

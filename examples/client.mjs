// Sends one message to an address of a space and receives one from it: node examples/client.mjs ADDRESS TEXT
// Host, port and CA are what the space exports, username and password what its MessagingUser has.
import process from 'node:process';
import rhea from 'rhea';

const [address = 'orders', text = 'Hello'] = process.argv.slice(2);
const { AMQP_HOST, AMQP_PORT, AMQP_CA, AMQP_USERNAME, AMQP_PASSWORD } = process.env;
if (!AMQP_HOST || !AMQP_PORT || !AMQP_CA || !AMQP_USERNAME || !AMQP_PASSWORD) {
  fail('set AMQP_HOST, AMQP_PORT, AMQP_CA, AMQP_USERNAME and AMQP_PASSWORD');
}

const container = rhea.create_container();
container.once('sendable', ({ sender }) => {
  sender.send({ body: text, durable: true });
});
container.once('accepted', ({ connection }) => {
  console.log(`sent to ${address}: ${text}`);
  connection.open_receiver(address);
});
container.once('message', ({ message, connection }) => {
  console.log(`received from ${address}: ${message.body}`);
  connection.close();
});
for (const event of ['rejected', 'released', 'sender_error', 'receiver_error', 'connection_error']) {
  container.on(event, (context) => {
    const error = context.connection.error ?? context.sender?.error ?? context.receiver?.error;
    fail(`${event}: ${error?.description ?? 'without a reason'}`);
  });
}
container.on('disconnected', ({ error }) => {
  if (error) fail(error.message);
});
container
  .connect({
    transport: 'tls',
    host: AMQP_HOST,
    port: Number(AMQP_PORT),
    servername: AMQP_HOST,
    ca: AMQP_CA,
    username: AMQP_USERNAME,
    password: AMQP_PASSWORD,
    reconnect: false,
  })
  .open_sender(address);

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

export { connectAmqp, type AmqpConnection, type AmqpOptions } from './connection.js';
export type { AmqpMessage, ReceivedMessage } from './message.js';
export type { AmqpReceiver, ReceiverOptions } from './receiver.js';
export type { AmqpRequester, RequesterOptions } from './requester.js';
export type { AmqpMechanism } from './sasl.js';
export type { AmqpSender, SenderOptions } from './sender.js';

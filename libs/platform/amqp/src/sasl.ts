import { createScramClient, type ScramHash } from './scram.js';

export type AmqpMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'ANONYMOUS' | 'EXTERNAL';

/** Client side of one SASL exchange, in the shape rhea expects. */
export interface SaslClient {
  start(reply: SaslReply): void;
  step(challenge: Buffer, reply: SaslReply): void;
  /** Data that came with the outcome instead of with a challenge. */
  heed(data: Buffer): void;
  /** Whether everything the client has to check was seen: a server may claim success too early. */
  isSatisfied(): boolean;
}

export type SaslReply = (error: unknown, response?: Buffer) => void;

export interface SaslCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const scramHashes: Readonly<Record<string, ScramHash>> = {
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
};

export function createSaslClient(mechanism: AmqpMechanism, credentials: SaslCredentials): SaslClient {
  const { username = '', password = '' } = credentials;
  const hash = scramHashes[mechanism];
  if (hash !== undefined) return createScramClient(hash, username, password);
  if (mechanism === 'PLAIN') {
    // rhea's own mechanism sizes its buffer in characters, so that non-ASCII passwords are cut off.
    return oneStep(Buffer.from(`\0${username}\0${password}`, 'utf8'));
  }
  return oneStep(mechanism === 'ANONYMOUS' ? Buffer.from('anonymous') : Buffer.alloc(0));
}

function oneStep(response: Buffer): SaslClient {
  return {
    start: (reply) => {
      reply(undefined, response);
    },
    step: (_challenge, reply) => {
      reply(undefined, Buffer.alloc(0));
    },
    heed: () => undefined,
    isSatisfied: () => true,
  };
}

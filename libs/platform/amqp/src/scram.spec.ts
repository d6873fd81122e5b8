import { describe, expect, it } from '@jest/globals';
import { createScramClient } from './scram.js';
import type { SaslClient } from './sasl.js';

/** The example of RFC 7677, section 3. */
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const serverFirst = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
const clientFinal =
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const start = (client: SaslClient): Promise<string> =>
  new Promise((resolve, reject) => {
    client.start((error, response) => {
      if (error === undefined) resolve(String(response));
      else reject(error instanceof Error ? error : new Error('refused'));
    });
  });
const step = (client: SaslClient, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    client.step(Buffer.from(text), (error, response) => {
      if (error === undefined) resolve(String(response));
      else reject(error instanceof Error ? error : new Error('refused'));
    });
  });

describe('SCRAM', () => {
  it('speaks as in the example of RFC 7677 and is satisfied by the right signature', async () => {
    const client = createScramClient('sha256', 'user', 'pencil', nonce);
    expect(await start(client)).toBe(`n,,n=user,r=${nonce}`);
    expect(await step(client, serverFirst)).toBe(clientFinal);
    expect(client.isSatisfied()).toBe(false);
    expect(await step(client, serverFinal)).toBe('');
    expect(client.isSatisfied()).toBe(true);
  });

  it('takes the signature with the outcome too', async () => {
    const client = createScramClient('sha256', 'user', 'pencil', nonce);
    await start(client);
    await step(client, serverFirst);
    client.heed(Buffer.from(serverFinal));
    expect(client.isSatisfied()).toBe(true);
  });

  it.each(['v=AAAA', '', 'e=other-error', serverFinal.replace('6', '7')])(
    'is not satisfied by %j',
    async (final) => {
      const client = createScramClient('sha256', 'user', 'pencil', nonce);
      await start(client);
      await step(client, serverFirst);
      client.heed(Buffer.from(final));
      expect(client.isSatisfied()).toBe(false);
      await expect(step(client, final)).rejects.toThrow('does not know the password');
    },
  );

  it.each([
    ['another nonce', serverFirst.replace('rOpr', 'xxxx')],
    ['no nonce of its own', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['too few iterations', serverFirst.replace('4096', '1')],
    ['iterations that would keep it busy', serverFirst.replace('4096', '999999999')],
  ])('refuses a server with %s', async (_what, first) => {
    const client = createScramClient('sha256', 'user', 'pencil', nonce);
    await start(client);
    await expect(step(client, first)).rejects.toThrow();
  });

  it('escapes user names', async () => {
    expect(await start(createScramClient('sha512', 'a=b,c', 'x', 'n'))).toBe('n,,n=a=3Db=2Cc,r=n');
  });
});

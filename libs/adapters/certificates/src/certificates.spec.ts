import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { validateBundle } from './bundle.js';
import { createCertificates } from './certificates.js';
import { inspectCertificate, isIssuedBy } from './inspect.js';
import { createCa, issueCertificate } from './issue.js';
import type { KeyPair } from './key-pair.js';
import { needsRenewal } from './renewal.js';

const now = new Date();
const daysLater = (days: number): Date => new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
const hosts = ['localhost', 'messaging-0123456.enmasse-infra.svc', '127.0.0.1', '::1'];
let ca: KeyPair;
let otherCa: KeyPair;
let server: KeyPair;
let client: KeyPair;

beforeAll(async () => {
  ca = await createCa({ commonName: 'Space team1/app', days: 3650, now });
  otherCa = await createCa({ commonName: 'Space team1/app', days: 3650, now });
  server = await issueCertificate({ ca, commonName: 'messaging', hosts, days: 90, usage: 'server', now });
  client = await issueCertificate({ ca, commonName: 'admin', hosts: [], days: 90, usage: 'client', now });
});

/** One handshake over a real socket. @returns who the server saw, or why it failed */
async function shake(trust: string, own: KeyPair | undefined, servername: string): Promise<string> {
  const listener = tls.createServer(
    {
      key: server.key,
      cert: server.certificate,
      ca: ca.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket) => {
      const peer = socket.getPeerCertificate();
      socket.end(socket.authorized ? String(peer.subject.CN) : 'nobody');
    },
  );
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    return await new Promise<string>((resolve) => {
      const socket = tls.connect({
        host: '127.0.0.1',
        port: (listener.address() as AddressInfo).port,
        servername,
        ca: trust,
        ...(own === undefined ? {} : { key: own.key, cert: own.certificate }),
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => {
        resolve(text);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
    });
  } finally {
    listener.close();
  }
}

describe('issued certificates', () => {
  it('are trusted by a TLS client that has the CA, and nobody else', async () => {
    expect(await shake(ca.certificate, client, 'localhost')).toBe('admin');
    expect(await shake(ca.certificate, undefined, 'localhost')).toBe('nobody');
    expect(await shake(otherCa.certificate, client, 'localhost')).toMatch(
      /SIGNATURE|UNABLE_TO_VERIFY|SELF_SIGNED/,
    );
    expect(await shake(ca.certificate, client, 'elsewhere')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('satisfy openssl, purpose included', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'samband-certificates-'));
    try {
      writeFileSync(path.join(folder, 'ca.pem'), ca.certificate);
      writeFileSync(path.join(folder, 'server.pem'), server.certificate);
      writeFileSync(path.join(folder, 'client.pem'), client.certificate);
      const verify = (file: string, purpose: string): string =>
        execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', purpose, file], {
          cwd: folder,
          encoding: 'utf8',
          stdio: 'pipe',
        });
      expect(verify('server.pem', 'sslserver')).toContain('server.pem: OK');
      expect(verify('client.pem', 'sslclient')).toContain('client.pem: OK');
      expect(() => verify('client.pem', 'sslserver')).toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tell their hosts, dates and issuer', () => {
    const facts = inspectCertificate(server.certificate);
    expect(facts.hosts).toEqual(['localhost', 'messaging-0123456.enmasse-infra.svc', '127.0.0.1', '::1']);
    expect(facts.notAfter.getTime()).toBe(Math.floor(daysLater(90).getTime() / 1000) * 1000);
    expect(facts).toMatchObject({ subject: 'CN=messaging', issuer: 'CN=Space team1/app', isCa: false });
    expect(isIssuedBy(server.certificate, ca.certificate)).toBe(true);
    expect(isIssuedBy(server.certificate, otherCa.certificate)).toBe(false);
    expect(() => inspectCertificate('nonsense')).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_INVALID' }),
    );
  });

  it('never outlive their CA', async () => {
    const short = await createCa({ commonName: 'short', days: 10, now });
    const long = await issueCertificate({
      ca: short,
      commonName: 'x',
      hosts: ['x'],
      days: 90,
      usage: 'server',
      now,
    });
    expect(inspectCertificate(long.certificate).notAfter).toEqual(
      inspectCertificate(short.certificate).notAfter,
    );
  });

  it.each(['', 'a b', 'evil, IP Address:10.0.0.1', '-x', 'a..b', '999.1.1.1.', 'x'.repeat(254)])(
    'refuse the host %#',
    async (host) => {
      await expect(
        issueCertificate({ ca, commonName: 'x', hosts: [host], days: 1, usage: 'server', now }),
      ).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' });
    },
  );

  it('hold no part of a key in the error for a broken CA', async () => {
    const broken = { certificate: ca.certificate, key: ca.key.slice(0, 120) };
    const failure = await issueCertificate({
      ca: broken,
      commonName: 'x',
      hosts: [],
      days: 1,
      usage: 'client',
      now,
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CERTIFICATE_INVALID' });
    expect(JSON.stringify([failure, String(failure)])).not.toContain(ca.key.slice(40, 60));
  });
});

describe('renewal', () => {
  const renews = (changed: Partial<{ hosts: string[]; ca: string; now: Date }>): boolean =>
    needsRenewal(server.certificate, { hosts, ca: ca.certificate, now, ...changed });

  it('waits for the last third of a certificate’s life', () => {
    expect(renews({})).toBe(false);
    expect(renews({ now: daysLater(59) })).toBe(false);
    expect(renews({ now: daysLater(61) })).toBe(true);
    expect(renews({ now: daysLater(91) })).toBe(true);
  });

  it('comes with other hosts, another CA or an unreadable certificate', () => {
    expect(renews({ hosts: [...hosts, 'new.example'] })).toBe(true);
    expect(renews({ hosts: hosts.slice(1) })).toBe(true);
    expect(renews({ hosts: [...hosts].reverse() })).toBe(false);
    expect(renews({ hosts: ['LOCALHOST', '0:0:0:0:0:0:0:1', ...hosts.slice(1, 3)] })).toBe(false);
    expect(renews({ ca: otherCa.certificate })).toBe(true);
    expect(needsRenewal('', { hosts, ca: ca.certificate, now })).toBe(true);
  });

  it('judges a CA by itself', () => {
    expect(needsRenewal(ca.certificate, { hosts: [], ca: ca.certificate, now })).toBe(false);
    expect(needsRenewal(ca.certificate, { hosts: [], ca: ca.certificate, now: daysLater(3000) })).toBe(true);
  });
});

describe('a bundle of a user', () => {
  const fault = (key: string, certificate: string, at = now): string => {
    const verdict = validateBundle(key, certificate, at);
    return verdict.ok ? 'fine' : verdict.fault;
  };

  it('is taken with its chain, in any private key format', () => {
    const sec1 = createPrivateKey(server.key).export({ type: 'sec1', format: 'pem' }).toString();
    expect(sec1).toContain('BEGIN EC PRIVATE KEY');
    const verdict = validateBundle(sec1, server.certificate + ca.certificate, now);
    expect(verdict).toMatchObject({
      ok: true,
      bundle: { key: expect.stringContaining('BEGIN PRIVATE KEY') },
    });
  });

  it('is refused with the reason', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    expect(fault('', server.certificate)).toMatch('no private key');
    expect(fault('-----BEGIN ENCRYPTED PRIVATE KEY-----\n', server.certificate)).toMatch('passphrase');
    expect(
      fault('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', server.certificate),
    ).toMatch('cannot be read');
    expect(fault(server.key, '')).toMatch('no certificate');
    expect(fault(server.key, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toMatch(
      'certificate 1',
    );
    expect(fault(client.key, server.certificate)).toMatch('not the key');
    expect(fault(server.key, ca.certificate + server.certificate)).toMatch('has to come first');
    expect(fault(server.key, server.certificate + otherCa.certificate)).toMatch(
      'not signed by the one after it',
    );
    expect(fault(server.key, server.certificate, daysLater(91))).toMatch('expired on');
    expect(fault(server.key, server.certificate, daysLater(-2))).toMatch('not valid before');
    expect(fault(weak, server.certificate)).toMatch('1024 bits');
    for (const type of ['ed25519', 'ed448', 'x25519'] as const) {
      const other = generateKeyPairSync(type as 'ed25519')
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
      expect(fault(other, server.certificate)).toMatch(`of type ${type}; the broker reads rsa and ec`);
    }
    expect(fault('x'.repeat(300_000), server.certificate)).toMatch('too long');
  });

  it('is for its names, in any spelling, and for no address instead of a name', () => {
    const { isFor } = createCertificates();
    const names = [
      'localhost',
      'LOCALHOST',
      'messaging-0123456.enmasse-infra.svc',
      'other.example',
      '127.0.0.2',
    ];
    expect(names.map((name) => isFor(server.certificate, name))).toEqual([true, true, true, false, false]);
  });

  it('is judged the same through the port', () => {
    const { readBundle } = createCertificates();
    const sec1 = createPrivateKey(server.key).export({ type: 'sec1', format: 'pem' }).toString();
    expect(readBundle({ ...server, key: sec1 }, now)).toMatchObject({
      bundle: { key: expect.stringContaining('BEGIN PRIVATE KEY') },
    });
    expect(readBundle({ ...server, key: client.key }, now)).toMatchObject({
      fault: expect.stringContaining('not the key'),
    });
  });
});

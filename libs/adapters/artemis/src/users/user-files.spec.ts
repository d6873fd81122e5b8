import { describe, expect, it } from '@jest/globals';
import type { UserCredential } from '@samband/topology';
import { brokerFileNames as names } from '../layout.js';
import { renderUserFiles } from './user-files.js';
import { deriveSalts, makeVerifier } from './verifier.js';

const verifier = { plain: 'P', sha256: 'S256', sha512: 'S512' };
const password = (username: string): UserCredential => ({ username, kind: 'password', verifier });
const account = (username: string): UserCredential => ({ username, kind: 'serviceaccount' });
const probe = { plain: 'PROBE', sha256: '', sha512: '' };

describe('user files', () => {
  it('give each user its own name as role, passwords and tokens apart', () => {
    const files = renderUserFiles({
      credentials: [password('b:c@d'), account('system:serviceaccount:n:a'), password('a')],
      probe,
    });
    expect(files[names.users]).toBe('$samband-probe=ENC(PROBE)\na=ENC(P)\nb\\:c@d=ENC(P)\n');
    expect(files[names.scramUsers]).toBe(
      'a|SHA256=ENC(S256)\na|SHA512=ENC(S512)\nb\\:c@d|SHA256=ENC(S256)\nb\\:c@d|SHA512=ENC(S512)\n',
    );
    expect(files[names.roles]).toBe(
      '$samband-admin=$samband-admin\n$samband-probe=$samband-probe\n$samband-tenant=a,b:c@d\na=a\nb\\:c@d=b:c@d\n',
    );
    expect(files[names.serviceAccountRoles]).toBe(
      '$samband-tenant=system:serviceaccount:n:a\nsystem\\:serviceaccount\\:n\\:a=system:serviceaccount:n:a\n',
    );
    expect(files[names.certificateUsers]).toBe('$samband-admin=CN=samband-admin\n');
  });

  it('do not depend on the order of the users', () => {
    const credentials = [password('x'), account('y'), password('a'), account('b')];
    expect(renderUserFiles({ credentials: credentials.toReversed(), probe })).toEqual(
      renderUserFiles({ credentials, probe }),
    );
  });

  it.each(['$samband-admin', 'a,b', 'a|SHA256', 'a b', 'a\nb', '', '/.*/', 'ø', 'x'.repeat(300)])(
    'refuse %j, which the broker would take for something else',
    (username) => {
      expect(() => renderUserFiles({ credentials: [password(username)], probe })).toThrow(
        expect.objectContaining({ code: 'BROKER_REFUSED' }),
      );
    },
  );
});

describe('verifiers', () => {
  const salts = deriveSalts(Buffer.from('secret of the space'), 'user', 'pencil');

  it('are the same for the same password and salts, and hold no password', async () => {
    const [first, second] = await Promise.all([makeVerifier('pencil', salts), makeVerifier('pencil', salts)]);
    expect(first).toEqual(second);
    expect(JSON.stringify(first)).not.toContain('pencil');
    expect(await makeVerifier('pencil')).not.toEqual(first);
  });

  it('agree with the example of RFC 7677', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    const { sha256 } = await makeVerifier('pencil', { ...salts, sha256: salt });
    expect(sha256).toBe(
      'W22ZaJ0SNY7soEsUEjb6gQ==:4096:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=:WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
    );
  });

  it('have other salts for another user, password or space', () => {
    const others = [
      deriveSalts(Buffer.from('secret of the space'), 'other', 'pencil'),
      deriveSalts(Buffer.from('secret of the space'), 'user', 'pencil2'),
      deriveSalts(Buffer.from('another secret'), 'user', 'pencil'),
    ];
    for (const other of others) expect(other.sha256.equals(salts.sha256)).toBe(false);
    expect(salts.plain.equals(salts.sha256)).toBe(false);
  });
});

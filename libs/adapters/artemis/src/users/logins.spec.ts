import { describe, expect, it } from '@jest/globals';
import { loginsIn } from './logins.js';
import { renderUserFiles } from './user-files.js';
import { makeVerifier } from './verifier.js';

const verifier = (plain: string) => ({ plain, sha256: 'b', sha512: 'c' });

describe('the logins in user files', () => {
  it('are those that were rendered, whatever characters their names have', async () => {
    const probe = await makeVerifier('probe');
    const files = renderUserFiles({
      probe,
      credentials: [
        { username: 'a:b@c.d-e_f', kind: 'password', verifier: verifier('1') },
        { username: 'system:serviceaccount:team:app', kind: 'serviceaccount' },
      ],
    });
    const names = [...loginsIn(files).keys()];
    expect(names).toEqual(expect.arrayContaining(['a:b@c.d-e_f', 'system:serviceaccount:team:app']));
  });

  it('differ when a password does', () => {
    const files = (plain: string) =>
      renderUserFiles({
        probe: verifier('p'),
        credentials: [{ username: 'u', kind: 'password', verifier: verifier(plain) }],
      });
    expect(loginsIn(files('1')).get('u')).not.toBe(loginsIn(files('2')).get('u'));
    expect(loginsIn(files('1'))).toEqual(loginsIn(files('1')));
  });

  it('are none in no file', () => {
    expect(loginsIn({}).size).toBe(0);
  });
});

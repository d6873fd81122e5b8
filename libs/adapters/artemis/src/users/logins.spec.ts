import { describe, expect, it } from '@jest/globals';
import { loginsIn, verifiersIn } from './logins.js';
import { renderUserFiles } from './user-files.js';
import { deriveSalts, isMadeWith, makeVerifier } from './verifier.js';

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

  it('hold the verifiers that they were made of, each known by its password without being made anew', async () => {
    const salts = (password: string) => deriveSalts(Buffer.from('secret'), 'a:b@c.d-e_f', password);
    const made = await makeVerifier('pencil', salts('pencil'));
    const files = renderUserFiles({
      probe: verifier('p'),
      credentials: [{ username: 'a:b@c.d-e_f', kind: 'password', verifier: made }],
    });
    const known = verifiersIn(files).get('a:b@c.d-e_f');
    expect(known).toEqual(made);
    expect(known !== undefined && isMadeWith(known, salts('pencil'))).toBe(true);
    expect(known !== undefined && isMadeWith(known, salts('pencil2'))).toBe(false);
    expect(isMadeWith({ plain: '', sha256: '', sha512: '' }, salts('pencil'))).toBe(false);
  });
});

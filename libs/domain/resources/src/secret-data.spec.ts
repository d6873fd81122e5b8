import { describe, expect, it } from '@jest/globals';
import { secretData, secretText } from './secret-data.js';

const secret = (data: unknown) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data });

describe('texts of a Secret', () => {
  it('are what was put in, in any script', () => {
    const texts = { plain: 'password', other: '\uFEFFGeheimnis für 日本 🔑\n', empty: '' };
    expect(secretData(texts)['plain']).toBe('cGFzc3dvcmQ=');
    const made = secret(secretData(texts));
    expect(Object.keys(texts).map((key) => secretText(made, key))).toEqual(Object.values(texts));
  });

  it('may be broken into lines', () => {
    expect(secretText(secret({ a: 'cGFz\r\nc3dvcmQ=\n' }), 'a')).toBe('password');
  });

  it('are undefined when they are not there, or no base64', () => {
    expect(secretText(undefined, 'a')).toBeUndefined();
    expect(secretText(secret(undefined), 'a')).toBeUndefined();
    expect(secretText(secret({ a: 1 }), 'a')).toBeUndefined();
    expect(secretText(secret({}), 'constructor')).toBeUndefined();
    expect(secretText(secret({ a: 'no base64!' }), 'a')).toBeUndefined();
  });
});

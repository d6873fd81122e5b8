import { describe, expect, it } from '@jest/globals';
import { renderProperties } from './properties.js';

describe('properties files', () => {
  it('are the same whatever the order of their entries', () => {
    const lines = 'a=1\nb=2\n';
    expect(
      renderProperties(
        new Map([
          ['b', '2'],
          ['a', '1'],
        ]),
      ),
    ).toBe(lines);
    expect(
      renderProperties(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
    ).toBe(lines);
  });

  it('escape what would end a key, begin a comment or a new line', () => {
    expect(renderProperties(new Map([['a:b=c d', ' x=y:z\\']]))).toBe('a\\:b\\=c\\ d=\\ x=y:z\\\\\n');
    expect(renderProperties(new Map([['#a!', 'x\nevil=1']]))).toBe('\\#a\\!=x\\u000aevil=1\n');
    expect(renderProperties(new Map([['ø', '√']]))).toBe('\\u00f8=\\u221a\n');
  });

  it('are empty without entries', () => {
    expect(renderProperties(new Map())).toBe('');
  });
});

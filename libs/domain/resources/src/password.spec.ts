import { describe, expect, it } from '@jest/globals';
import { passwordFault, withoutLineEnd } from './password.js';

describe('a password', () => {
  it.each([
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['s3cret\n\n', 's3cret'],
    ['\n', ''],
    ['two\nlines\n', 'two\nlines'],
    [' s3cret \n', ' s3cret '],
  ])('loses the line break at its end: %j', (text, kept) => {
    expect(withoutLineEnd(text)).toBe(kept);
  });

  it.each(['s3cret', ' with spaces ', 'pässwörd €', 'пароль', '密码', '🔑', 'a:b,c=d"\\'])(
    'logs in with every client when it reads the same for all: %j',
    (password) => {
      expect(passwordFault(password)).toBeUndefined();
    },
  );

  it.each([
    ['', 'is empty'],
    ['two\nlines', 'line break'],
    ['a\tb', 'cannot be seen'],
    ['a\u0000b', 'cannot be seen'],
    ['soft\u00ADhyphen', 'cannot be seen'],
    ['zero\u200Bwidth', 'cannot be seen'],
    ['\uFEFFmarked', 'cannot be seen'],
    ['heart\u2764\uFE0F', 'cannot be seen'],
    ['bytes \uFFFD', 'UTF-8'],
    ['e\u0301', 'two ways'],
    ['\uFB01ne', 'two ways'],
    ['\uFF41', 'two ways'],
    ['no\u00A0break', 'two ways'],
    ['\u00BD', 'two ways'],
  ])('that one client prepares and another does not is told of: %j', (password, why) => {
    expect(passwordFault(password)).toContain(why);
  });
});

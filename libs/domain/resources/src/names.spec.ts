import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { infraUuid, rolloutName, spaceOfAddress } from './names.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('names', () => {
  it.each([
    ['app.orders', 'app'],
    ['app.a.b', 'app'],
    ['app.', 'app'],
    ['orders', undefined],
    ['.orders', undefined],
    ['', undefined],
  ])('finds the space of %s', (name, space) => {
    expect(spaceOfAddress(name)).toBe(space);
  });

  it('makes the identity of infrastructure as EnMasse does', () => {
    expect(infraUuid('team1', 'app', sha256)).toBe(sha256('team1.app').slice(0, 7));
  });

  it('names rollouts within the length of a label', () => {
    const name = rolloutName('s'.repeat(40), 'a'.repeat(64), 999_999_999);
    expect(name).toBe(`${'s'.repeat(40)}-aaaaaaaaaaaa-999999999`);
    expect(name.length).toBeLessThanOrEqual(63);
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseBrokerSize, parseBytes } from './quantity.js';

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['1048576', 1_048_576],
    ['512Mi', 536_870_912],
    ['2Gi', 2_147_483_648],
    ['1.5Ki', 1536],
    ['1k', 1000],
    ['1e9', 1_000_000_000],
    ['1500m', 2],
  ])('reads %s', (written, bytes) => {
    expect(parseBytes(written)).toBe(bytes);
  });

  it.each([
    '',
    '-1',
    '+1',
    'NaN',
    'Infinity',
    '1e309',
    '9e99',
    '512mi',
    '1 Gi',
    '0x10',
    '1.',
    '99999Pi',
    '1'.repeat(80),
  ])('refuses %s', (written) => {
    expect(parseBytes(written)).toBeUndefined();
  });
});

describe('parseBrokerSize', () => {
  it.each([
    ['64Mb', 67_108_864],
    ['64m', 67_108_864],
    ['64 MB', 67_108_864],
    ['1gB', 1_073_741_824],
    ['10k', 10_240],
    ['1024', 1024],
    ['5b', 5],
  ])('reads %s', (written, bytes) => {
    expect(parseBrokerSize(written)).toBe(bytes);
  });

  it.each(['', 'Mb', '-1', '64Mi', '1.5g', '9999999999999999999g', '64Tb'])('refuses %s', (written) => {
    expect(parseBrokerSize(written)).toBeUndefined();
  });
});

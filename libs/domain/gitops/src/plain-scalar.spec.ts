import { describe, expect, it } from '@jest/globals';
import { resolvePlain } from './plain-scalar.js';

/** Answers of sigs.k8s.io/yaml 1.6.0 (YAMLToJSON), which kubectl 1.36 reads manifests with. */
const likeKubectl: readonly (readonly [string, string | number | boolean | null])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map(
    (text) => [text, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map(
    (text) => [text, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['yEs', 'tRUE', 'nULL', 'oN', '<<', '...a', '.', '+', '-', '--1', '+-1'].map(
    (text) => [text, text] as const,
  ),
  ['0', 0],
  ['-0', 0],
  ['+12', 12],
  ['1_000', 1000],
  ['_1', '_1'],
  ['010', 8],
  ['0o10', 8],
  ['0777', 511],
  ['-017', -15],
  ['08', 8],
  ['089', 89],
  ['0x1F', 31],
  ['-0x1F', -31],
  ['0b101', 5],
  ['0b2', '0b2'],
  ['0x', '0x'],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['.5_0', 0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['1e-7', 1e-7],
  ['1e', '1e'],
  ['1.2.3', '1.2.3'],
  ['0x1p-2', '0x1p-2'],
  ['.Nan', '.Nan'],
  ['2024-01-02', '2024-01-02'],
  ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
  ['12:30', '12:30'],
  ['190:20:30', '190:20:30'],
  ['512Mi', '512Mi'],
  ['9007199254740991', 9007199254740991],
];

describe('an unquoted scalar', () => {
  it.each(likeKubectl)('%p means what it means to kubectl: %p', (text, value) => {
    expect(resolvePlain(text)).toEqual({ kind: 'value', value });
  });

  it.each([
    '.inf',
    '-.INF',
    '.nan',
    '1e400',
    '9007199254740993',
    '18446744073709551616',
    '1e21',
    '0xffffffffffffffff',
  ])('is refused when its number would not arrive as it is written: %p', (text) => {
    expect(resolvePlain(text)).toMatchObject({ kind: 'refused', why: expect.not.stringContaining(text) });
  });

  it('takes no time to speak of when it is a million digits', () => {
    expect(resolvePlain('1'.repeat(1_000_000))).toMatchObject({ kind: 'refused' });
  });
});

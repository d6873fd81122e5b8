import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { duration, runSteps } from './progress.mjs';

let folder: string;
let written: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-progress-'));
  written = '';
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const screen = (isTTY: boolean): NodeJS.WriteStream =>
  ({
    isTTY,
    columns: 200,
    write: (text: string) => ((written += text), true),
  }) as unknown as NodeJS.WriteStream;

describe('progress', () => {
  it('says which step of how many, and the next time how long it took last time', async () => {
    const timings = path.join(folder, 'timings.json');
    const steps = [
      { key: 'a', title: 'Building a', run: () => Promise.resolve() },
      { key: 'b', title: 'Building b', run: () => Promise.resolve() },
    ];
    await runSteps(steps, { out: screen(false), timings });
    expect(written).toMatch(/^\[1\/2\] Building a …\n\[1\/2\] Building a: [\d.]+ s\n\[2\/2\] Building b …\n/);
    expect(written).not.toContain('last time');
    await runSteps(steps, { out: screen(false), timings });
    expect(written).toMatch(/\[2\/2\] Building b \(last time [\d.]+ s\) …\n/);
  });

  it('draws one line again and again on a terminal, with what the step says', async () => {
    const steps = [
      {
        key: 'a',
        title: 'Building a',
        run: async (say: (text: string) => void) => {
          say('12 packages');
          while (!written.includes('12 packages')) await new Promise((resolve) => setTimeout(resolve, 10));
        },
      },
    ];
    await runSteps(steps, { out: screen(true), timings: path.join(folder, 'timings.json') });
    expect(written).toMatch(/\r\x1b\[2K\[1\/1\] Building a: [\d.]+ s · 12 packages/);
  });

  it('stops at the first failure and keeps no time for it', async () => {
    const timings = path.join(folder, 'timings.json');
    const fine = { key: 'a', title: 'A', run: () => Promise.resolve() };
    const broken = { key: 'b', title: 'B', run: () => Promise.reject(new Error('no')) };
    const never = { key: 'c', title: 'C', run: () => Promise.reject(new Error('reached')) };
    await expect(runSteps([fine, broken, never], { out: screen(false), timings })).rejects.toThrow('no');
    expect(written).toContain('[2/3] B: failed after');
    expect(Object.keys(JSON.parse(readFileSync(timings, 'utf8')) as object)).toEqual(['a']);
  });
});

describe('a duration', () => {
  it.each([
    [80, '0.1 s'],
    [9_900, '9.9 s'],
    [9_960, '10 s'],
    [61_000, '1 min 1 s'],
    [261_400, '4 min 21 s'],
  ])('of %d ms reads %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

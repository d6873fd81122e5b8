import { describe, expect, it } from '@jest/globals';
import type { BrokeredInfraConfig } from '@samband/resources';
import fc from 'fast-check';
import { addressMaxBytes, brokerSizing } from './broker-sizing.js';
import { formatCredits, toMicroCredits } from './credits.js';
import { screenJavaOptions } from './java-options.js';
import { judgeQuota } from './quota.js';

describe('credits', () => {
  it('are exact millionths, and come back as they were written', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), (micros) => {
        expect(toMicroCredits(Number(formatCredits(micros)))).toBe(micros);
        expect(toMicroCredits(Number((micros / 1e6).toFixed(6)))).toBe(micros);
      }),
    );
  });

  it('are a whole number of millionths or nothing, whatever number is written', () => {
    fc.assert(
      fc.property(fc.double(), (credit) => {
        const micros = toMicroCredits(credit);
        if (micros === undefined) return;
        expect(Number.isSafeInteger(micros) && micros >= 0).toBe(true);
        expect(micros / 1e6).toBe(credit);
      }),
    );
  });
});

describe('a quota', () => {
  it('is never exceeded by what it lets in, whatever is asked for', () => {
    const entry = fc.record({
      name: fc.string({ maxLength: 5 }),
      brokerMicros: fc.oneof(fc.nat(1_000_000), fc.constantFrom(0, 1, 1e12)),
      isReady: fc.boolean(),
    });
    const entries = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 20 });
    fc.assert(
      fc.property(entries, fc.nat(2_000_000), fc.nat(15), (all, brokerMicros, maxQueues) => {
        const { refused } = judgeQuota(all, {
          brokerMicros,
          maxQueues,
          planName: 'p',
          infraConfig: 'i',
          heapMiB: 1,
        });
        const names = new Set(refused.map(({ name }) => name));
        const fitting = all.filter(({ name }) => !names.has(name));
        expect(fitting.reduce((sum, one) => sum + one.brokerMicros, 0)).toBeLessThanOrEqual(brokerMicros);
        expect(fitting.length).toBeLessThanOrEqual(maxQueues);
      }),
    );
  });
});

describe('an infra config', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '-Xmx',
      '-Xms',
      '-XX:',
      '-D',
      '+',
      '=',
      ':',
      ' ',
      '\n',
      '\t',
      '64m',
      '512m',
      '99999999g',
      '0',
      '1',
    ),
    fc.constantFrom(
      'UseG1GC',
      'UseZGC',
      'MaxGCPauseMillis',
      'OnOutOfMemoryError',
      'java.security.policy',
      'io.netty.x',
      'user.timezone',
    ),
    fc.constantFrom(
      '-javaagent:/x.jar',
      '-cp',
      '@/etc/passwd',
      '-Dio.netty.x=',
      '"',
      "'",
      '$(id)',
      ';',
      '`',
      '\\',
      '-server',
      '-jar',
    ),
    fc.string({ maxLength: 4 }),
  );
  const options = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));

  it('gives a machine nothing but options that are known to be harmless', () => {
    fc.assert(
      fc.property(options, (text) => {
        const screened = screenJavaOptions(text);
        if (!screened.ok) {
          expect(screened.message.length).toBeLessThan(500);
          return;
        }
        for (const option of screened.options) {
          expect(option).toMatch(
            /^-(server|X(ms|mn|ss)[0-9]+[kKmMgG]?|XX:[+-]?[A-Za-z0-9]+(=[0-9]+[kKmMgG]?)?|D[A-Za-z0-9.]+=[\w+.-]*)$/,
          );
          expect(option).not.toMatch(/^-(?:XX.*(?:OnOutOfMemory|OnError|Flags|HeapDump)|Djava\.security)/i);
        }
      }),
    );
  });

  it('sizes a broker within its memory, or says what is wrong', () => {
    const size = fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '-1',
        '1',
        '512Mi',
        '1Gi',
        '2Gi',
        '1e309',
        'NaN',
        '64Mb',
        '1 GB',
        '99999Pi',
        '256Mi',
        '0.5Gi',
        '600Mb',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(
        fc.option(size, { nil: undefined }),
        fc.option(size, { nil: undefined }),
        options,
        (memory, globalMaxSize, javaOpts) => {
          const broker = {
            javaOpts,
            ...(memory === undefined ? {} : { resources: { memory } }),
            ...(globalMaxSize === undefined ? {} : { globalMaxSize }),
          };
          const config = { metadata: { name: 'i' }, spec: { broker } } as unknown as BrokeredInfraConfig;
          const result = brokerSizing(config);
          if (!result.ok) {
            expect(result.faults.length).toBeGreaterThan(0);
            return;
          }
          const { heapMiB, globalMaxBytes, maxQueues } = result.sizing;
          expect(
            [heapMiB, globalMaxBytes, maxQueues].every((value) => Number.isSafeInteger(value) && value >= 0),
          ).toBe(true);
          expect(heapMiB).toBeGreaterThanOrEqual(128);
          expect(maxQueues * 20 * 1024 + globalMaxBytes).toBeLessThanOrEqual(heapMiB * 2 ** 20);
          expect(addressMaxBytes(1, globalMaxBytes)).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { auditProblems, licenceProblems, lockProblems, permits } from './supply-chain-rules.mjs';

const allowed = new Set(['MIT', 'Apache-2.0', 'GPL-2.0 WITH Classpath-exception-2.0']);
const integrity = `sha512-${'a'.repeat(86)}==`;

describe('the licence of a package', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND Apache-2.0', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only OR (MIT AND Apache-2.0)', true],
    ['MIT AND (GPL-3.0-only OR LGPL-3.0-only)', false],
    ['GPL-2.0 WITH Classpath-exception-2.0', true],
    ['GPL-2.0', false],
    ['MIT GPL-3.0-only', false],
    ['(MIT', false],
    ['SEE LICENSE IN LICENSE.txt', false],
    ['', false],
  ])('%s is allowed: %s', (expression, good) => {
    expect(permits(expression, allowed)).toBe(good);
  });

  const policy = {
    allowed: ['MIT'],
    exceptions: [
      { package: 'data', licence: 'CC-BY-4.0', reason: 'tables only, used by a build tool' },
      { package: 'forgetful', licence: 'none', reason: 'the text beside it is MIT' },
    ],
  };

  it('is named together with the package that may not be used', () => {
    const packages = [
      { name: 'good', version: '1.0.0', licence: 'MIT' },
      { name: 'bad', version: '2.0.0', licence: 'AGPL-3.0-only' },
      { name: 'mute', version: '3.0.0', licence: undefined },
    ];
    expect(licenceProblems(packages, policy)).toEqual([
      'bad@2.0.0 has the licence AGPL-3.0-only, which is not among those allowed',
      'mute@3.0.0 names no licence',
    ]);
  });

  it('may be an exception for one package under one licence', () => {
    const problemsOf = (name: string, licence?: string): string[] =>
      licenceProblems([{ name, version: '1.0.0', licence }], policy);
    expect(problemsOf('data', 'CC-BY-4.0')).toEqual([]);
    expect(problemsOf('forgetful')).toEqual([]);
    expect(problemsOf('forgetful', 'AGPL-3.0-only')).toHaveLength(1);
    expect(problemsOf('data', 'AGPL-3.0-only')).toHaveLength(1);
    expect(problemsOf('other', 'CC-BY-4.0')).toHaveLength(1);
  });
});

describe('the lock file', () => {
  it('pins everything that is fetched, from whatever registry, and links to the workspace only', () => {
    const packages = {
      '': {},
      'libs/a': { version: '0.1.0' },
      'node_modules/a': { resolved: 'libs/a', link: true },
      'node_modules/zod': { integrity },
      'libs/a/node_modules/zod': { integrity },
    };
    expect(lockProblems({ packages })).toEqual([]);
  });

  it.each([
    ['without integrity', {}],
    ['with a weak integrity', { integrity: 'sha1-qUdtqBqGXlVHhTNGFvmMDSXpmYk=' }],
    ['from a host', { integrity, resolved: 'https://registry.example/zod.tgz' }],
    ['from git', { integrity, resolved: 'git+ssh://git@example.com/zod.git#1234' }],
    ['from a file', { integrity, resolved: 'file:../zod.tgz' }],
    ['that links to a place outside', { resolved: '../zod', link: true }],
  ])('does not pass an entry %s', (_case, entry) => {
    expect(lockProblems({ packages: { '../zod': {}, 'node_modules/zod': entry } })).toHaveLength(1);
  });
});

describe('the audit', () => {
  const advisory = {
    name: 'zod',
    title: 'it does harm',
    url: 'https://github.com/advisories/GHSA-1',
    severity: 'high',
    range: '<4.0.0',
  };
  const report = (severity: string): object => ({
    vulnerabilities: { zod: { via: [{ ...advisory, severity }] }, user: { via: ['zod'] } },
  });
  const exception = { id: 'GHSA-1', package: 'zod', reason: 'never called', until: '2026-11-30' };

  it.each([
    ['critical', 1],
    ['high', 1],
    ['moderate', 0],
  ])('of a %s weakness finds %i', (severity, found) => {
    expect(auditProblems(report(severity), [], '2026-11-21')).toMatchObject({
      done: true,
      problems: { length: found },
    });
  });

  it('names package, versions and advisory', () => {
    expect(auditProblems(report('high'), [], '2026-11-21')).toEqual({
      done: true,
      problems: ['zod <4.0.0: it does harm (high, GHSA-1)'],
    });
  });

  it('honours an exception to its last day', () => {
    expect(auditProblems(report('high'), [exception], '2026-11-30')).toEqual({ done: true, problems: [] });
    expect(auditProblems(report('high'), [exception], '2026-12-01')).toMatchObject({
      problems: [expect.stringContaining('its exception ended on 2026-11-30')],
    });
    const other = { ...exception, package: 'other' };
    expect(auditProblems(report('high'), [other], '2026-11-21')).toMatchObject({ problems: { length: 1 } });
  });

  it('that the registry did not answer is not done, which is no pass', () => {
    const refused = { message: '405 Method Not Allowed', statusCode: 405 };
    expect(auditProblems(refused, [], '2026-11-21')).toEqual({ done: false, why: '405 Method Not Allowed' });
    expect(auditProblems(undefined, [], '2026-11-21')).toMatchObject({ done: false });
  });
});

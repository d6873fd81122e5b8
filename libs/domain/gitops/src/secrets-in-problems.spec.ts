import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { goodObjects } from './good.fixtures.js';
import { liveOf, owner } from './example.fixtures.js';
import { parseManifests } from './parse-manifests.js';
import { planChanges } from './plan-changes.js';
import type { Problem } from './ports.js';
import { validateDocuments } from './validate-documents.js';

const inSecret = (written: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  user: ada\n  password: ${written}\n`;
const inUser = (written: string): string =>
  `apiVersion: user.enmasse.io/v1beta1\nkind: MessagingUser\nmetadata:\n  name: app.ada\nspec:\n  username: ada\n  authentication:\n    type: password\n    password: ${written}\n`;
const inJson = (written: string): string =>
  `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},\n"stringData": {"password": ${written}}}`;

function problemsOf(text: string, path = 'a.yaml'): readonly Problem[] {
  const { documents, problems } = parseManifests([{ path, text }], { defaultNamespace: 'team1' });
  const input = {
    documents,
    live: liveOf(goodObjects),
    inventory: new Map(),
    lastGood: [],
    owner,
    prune: true,
  };
  const { problems: judged, warnings } = validateDocuments(documents, input);
  const plan = planChanges({ ...input, sha256: (one) => one });
  return [...problems, ...judged, ...warnings, ...plan.problems];
}

const secret = 'h7Unter2';
const spellings = [
  ...['!', '!!', '!<', '!a!', '*', '&', '>', '|', '>-', '|2', '@', '`', '%', '#', '- ', '? ', ': ', ', '],
  ...['"', "'", '"\\q', '{', '}', '[', ']', '{"', '[a: ', '<<: *', '*a ', '!a !b ', '&a &', '--- ', '\t'],
].flatMap((sign) => [`${sign}${secret}`, `${sign}${secret}: x`, `x ${sign}${secret}`, `${secret}${sign}`]);

describe('a password that lacks its quotes', () => {
  it.each(spellings)('is in no problem, however it is written: %j', (written) => {
    const all = [
      ...problemsOf(inSecret(written)),
      ...problemsOf(inUser(written)),
      ...problemsOf(inJson(written)),
      ...problemsOf(inJson(written), 'a.json'),
    ];
    expect(all).not.toEqual([]);
    expect(JSON.stringify(all)).not.toContain(secret);
  });

  it.each(['98765432109876543210', '-98765432109876543210', '9876543210e98765', '0xfedcba9876543210'])(
    'is in no problem when it is a long number: %s',
    (written) => {
      const all = [inSecret, inUser].flatMap((place) => problemsOf(place(written)));
      const json = problemsOf(inJson(written), 'a.json');
      expect([...all, ...json].map(({ code }) => code)).toContain('VALUE_REFUSED');
      expect(JSON.stringify([all, json])).not.toMatch(/9876543210|fedcba/);
    },
  );

  it.each([
    ['!x', 'a value that begins with "!" must stand in quotes'],
    ['*x', 'a value that begins with "*" must stand in quotes'],
    ['&x &y z', 'a value that begins with & must stand in quotes'],
    ['|x', 'a value that begins with one of them must stand in quotes'],
    ['>x', 'a value that begins with one of them must stand in quotes'],
    ['@x', 'it must stand in quotes'],
    ['x: y', 'a value with ": " or "- " must stand in quotes'],
    ['1e999', 'quote it if it is text'],
  ])('is told how to mend it, and where: %s', (written, how) => {
    expect(problemsOf(inSecret(written))).toMatchObject([{ file: 'a.yaml', line: 7 }]);
    expect(problemsOf(inSecret(written))[0]?.message).toContain(how);
  });

  it('is in no problem, whatever stands around it', () => {
    // Its core is in no word of ours.
    const core = fc.stringMatching(/^[a-zA-Z]{4}[0-9][a-zA-Z0-9]{4}$/);
    const around = fc.oneof(
      fc.stringMatching(/^[ -~]{0,6}$/),
      fc.constantFrom(
        '',
        '!',
        '*',
        '&',
        '>',
        '|',
        '"',
        "'",
        '{',
        '[',
        '@',
        '%',
        '\\',
        '? ',
        '- ',
        ': ',
        ' #',
        'é',
        '🔑',
      ),
    );
    fc.assert(
      fc.property(around, core, around, fc.constantFrom(inSecret, inUser), (before, text, after, place) => {
        expect(JSON.stringify(problemsOf(place(before + text + after)))).not.toContain(text);
      }),
    );
  });
});

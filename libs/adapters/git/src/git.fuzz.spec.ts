import { describe, expect, it } from '@jest/globals';
import { errorCode } from '@samband/errors';
import type { Problem } from '@samband/gitops';
import fc from 'fast-check';
import { BatchParser, toGitFile } from './blob-reader.js';
import { parseCommit } from './commit-info.js';
import { toGitError } from './git-errors.js';
import { checkBranch, checkCommit, checkFolder } from './names.js';
import { defaultGitLimits } from './options.js';
import { vetUrl } from './remote-url.js';
import { TreeSorter } from './tree-entries.js';

const halfCharacter = /\p{Surrogate}/u;
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const text = fc.oneof(
  fc.constantFrom(
    ...[
      '..',
      '.',
      '',
      '/',
      '\\',
      '-',
      '\n',
      '\0',
      '\t',
      ' ',
      'ä',
      '🔑',
      '\u202e',
      'a.yaml',
      'x'.repeat(151),
      '🔑'.repeat(110),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const texts = fc.array(text, { maxLength: 8 }).map((parts) => parts.join(''));

function expectSound({ file, line, message }: Problem): void {
  expect(line).toBeGreaterThanOrEqual(1);
  expect(file.length).toBeLessThanOrEqual(4_096);
  expect(message).not.toBe('');
  expect(file + message).not.toMatch(halfCharacter);
  expect(file).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
}

/** A call that gives something, or says by a code of the catalogue why not. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    expect(errorCode(error)).toMatch(/^GIT_/);
    expect((error as Error).message.length).toBeLessThan(1000);
    return undefined;
  }
}

describe('the listing of a tree', () => {
  const mode = fc.constantFrom('100644', '100755', '120000', '160000', '040000', '', 'x');
  const size = fc.constantFrom('12', '0', '-', 'BAD', '9999999999', '1e9', '99999999999999999999', '');
  const line = fc
    .tuple(
      mode,
      size,
      fc.oneof(
        bytes,
        texts.map((name) => Buffer.from(`${name}.yaml`)),
        fc
          .tuple(texts, fc.integer({ min: 1_000, max: 20_000 }))
          .map(([name, length]) => Buffer.from(`${name}${'x'.repeat(length)}.yaml`)),
      ),
    )
    .map(([first, last, name]) =>
      Buffer.concat([Buffer.from(`${first} blob ${'a'.repeat(40)} ${last}\t`), name, Buffer.from([0])]),
    );
  const listing = fc.oneof(
    fc
      .array(fc.oneof({ weight: 9, arbitrary: line }, bytes), { maxLength: 20 })
      .map((parts) => Buffer.concat(parts)),
    bytes,
  );

  it('is sorted out whatever it holds and however it is cut, within its limits', () => {
    fc.assert(
      fc.property(
        listing,
        fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 30_000 })),
        fc.constantFrom('', 'deploy'),
        (output, step, folder) => {
          const limits = { ...defaultGitLimits, files: 5, totalBytes: 50, entries: 15 };
          const sorter = new TreeSorter(folder, limits);
          let isOpen = true;
          for (let at = 0; at < output.length && isOpen; at += step)
            isOpen = sorter.add(output.subarray(at, at + step));
          const { entries, problems } = sorter.finish();
          problems.forEach(expectSound);
          // However it is cut, the same is found.
          const whole = new TreeSorter(folder, limits);
          whole.add(output);
          expect(whole.finish()).toEqual({ entries, problems });
          expect(entries.length).toBeLessThanOrEqual(limits.files);
          expect(entries.reduce((sum, entry) => sum + entry.size, 0)).toBeLessThanOrEqual(limits.totalBytes);
          for (const { path, size: ofFile } of entries) {
            expect(Number.isSafeInteger(ofFile)).toBe(true);
            expect(path.split('/')).not.toContain('..');
            expect(path).toMatch(/\.(ya?ml|json)$/);
            expect(path.length).toBeLessThanOrEqual(4_096);
          }
        },
      ),
    );
  });
});

describe('the answer of cat-file', () => {
  it('gives back the objects that were put into it, wherever it is cut', () => {
    const object = fc.tuple(fc.stringMatching(/^[0-9a-f]{40}$/), bytes);
    fc.assert(
      fc.property(
        fc.uniqueArray(object, { selector: ([sha]) => sha, maxLength: 8 }),
        fc.nat(300),
        (objects, cut) => {
          const whole = Buffer.concat(
            objects.flatMap(([sha, content]) => [
              Buffer.from(`${sha} blob ${content.length}\n`),
              content,
              Buffer.from('\n'),
            ]),
          );
          const parser = new BatchParser();
          for (const part of [whole.subarray(0, cut), whole.subarray(cut)]) parser.add(part);
          expect(parser.finish()).toBe(true);
          expect(
            [...parser.blobs.values()].map(({ sha, content }) => [sha, content.toString('hex')]),
          ).toEqual(objects.map(([sha, content]) => [sha, content.toString('hex')]));
          const broken = new BatchParser();
          broken.add(whole.subarray(0, cut));
          broken.finish();
          expect(broken.blobs.size).toBeLessThanOrEqual(objects.length);
        },
      ),
    );
  });

  it('may be anything at all', () => {
    const header = fc.constantFrom(
      'a blob 3\nabc\n',
      'a missing\n',
      'a blob -5\n',
      'a blob 1e3\n',
      'a blob\n',
      ' \n',
      '\n',
      'blob',
    );
    const part = fc.oneof(
      header.map((one) => Buffer.from(one)),
      bytes,
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const parser = new BatchParser();
        for (const one of parts) parser.add(one);
        parser.finish();
        const total = parts.reduce((sum, { length }) => sum + length, 0);
        expect(parser.blobs.size).toBeLessThanOrEqual(total);
        for (const { content } of parser.blobs.values()) expect(content.length).toBeLessThanOrEqual(total);
      }),
    );
  });

  it('holds a file that is text, or a problem that says where it is none', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, fc.constant(Buffer.from('ok\n'))), { maxLength: 6 }), (parts) => {
        const content = Buffer.concat(parts);
        const read = toGitFile({ path: 'a.yaml', sha: 'a', size: content.length }, content);
        if ('code' in read) {
          expectSound(read);
          expect(read.line).toBeLessThanOrEqual(content.toString('latin1').split('\n').length);
        } else expect(Buffer.from(read.text).equals(content)).toBe(true);
      }),
    );
  });
});

describe('a commit object', () => {
  it('has an author and a subject that do no harm where they are shown', () => {
    const part = fc.oneof(
      bytes,
      texts.map((one) => Buffer.from(one)),
      fc.constantFrom('author ', ' 1 +0000\n', '\n\n', 'gpgsig ', 'tree a\n').map((one) => Buffer.from(one)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const { author, subject } = parseCommit(Buffer.concat(parts));
        for (const shown of [author, subject]) {
          expect(shown.length).toBeLessThanOrEqual(200);
          expect(shown).not.toMatch(halfCharacter);
          expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        }
      }),
    );
  });
});

describe('what a GitSource says', () => {
  const word = fc.oneof(
    text,
    fc.constantFrom(
      'https://',
      'ssh://',
      'file://',
      'git@',
      'github.com',
      ':',
      '@',
      '%2e',
      '%00',
      '%',
      '-oProxyCommand=x',
      'ext::',
      '?',
      '#',
    ),
    fc.constantFrom(
      '169.254.169.254',
      'localhost',
      '[::1]',
      '0x7f000001',
      'evil.example',
      ':443',
      ':99999',
      'main',
      'refs/heads/',
      '.lock',
      '@{',
    ),
  );
  const written = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));

  it('leads to no other host, protocol or place than those that are allowed', () => {
    const rules = { allowFile: false, allowedHosts: ['github.com'] };
    fc.assert(
      fc.property(
        fc.oneof(
          written,
          written.map((rest) => `https://github.com${rest}`),
        ),
        (url) => {
          const vetted = attempt(() => vetUrl(url, rules));
          if (vetted === undefined) return;
          expect(vetted.url).toBe(url);
          expect(vetted.origin).toMatch(/^(https|ssh):\/\/github\.com\/$/);
          if (vetted.protocol === 'https') expect(new URL(url).host.toLowerCase()).toBe('github.com');
          expect(url).toMatch(
            /^(https:\/\/github\.com(:443)?\/|ssh:\/\/([\w.-]+@)?github\.com(:22)?\/|[\w.-]+@github\.com:)/i,
          );
          expect(url).not.toMatch(/[\s\0-\x1f]/);
        },
      ),
    );
  });

  it('is no option, pattern or place outside for git', () => {
    fc.assert(
      fc.property(written, (one) => {
        const branch = attempt(() => checkBranch(one));
        if (branch !== undefined) {
          expect(branch).toBe(one);
          expect(branch).not.toMatch(/^-|\.\.|[\0-\x20~^:?*[\\\x7f]|@\{|\.lock$/);
        }
        const folder = attempt(() => checkFolder(one));
        if (folder !== undefined) {
          expect(folder.split('/')).not.toContain('..');
          expect(folder).not.toMatch(/^\/|[\0-\x1f\\]/);
          expect(checkFolder(folder)).toBe(folder);
        }
        attempt(() => checkCommit(one));
      }),
    );
  });
});

describe('what git says on standard error', () => {
  it('becomes one bounded line without secrets, whatever the server wrote', () => {
    const words = fc.oneof(
      text,
      fc.constantFrom(
        'remote: ',
        '\n',
        '\r',
        'hunter2',
        'fatal: ',
        'returned error: 404',
        'redirect',
        'SSL certificate',
        '\u001b[2J',
      ),
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const { message, code } = toGitError('https://h/x', parts.join(''), ['hunter2']);
        expect(code).toMatch(/^GIT_/);
        expect(message.length).toBeLessThan(1000);
        expect(message).not.toMatch(/hunter2|[\0-\x1f]/);
        expect(message).not.toMatch(halfCharacter);
      }),
    );
  });
});

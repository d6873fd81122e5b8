/**
 * Address patterns of a MessagingUser. Words are split by `/`; `+` is one word, `*` and `#` are any number of
 * words (none included), and a last word that ends in `*` is a prefix: `top*` matches `topic` and `topic/sub`
 * (EnMasse documents the prefix for standard spaces and the words for brokered ones; here both work).
 */
export type Pattern =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'words'; readonly text: string; readonly words: readonly string[] };

/** Longest pattern and longest address, in UTF-16 units. */
export const maxAddressLength = 1024;

/** Beginnings of names that belong to the broker, to Samband inside it, or to EnMasse's own addresses. */
const reservedStarts = ['$', 'activemq.', '_!', '!!'] as const;

/** @returns why no tenant can have this name, or a pattern of such names, or `undefined` */
export function reservedFault(text: string): string | undefined {
  const start = reservedStarts.find((one) => text.startsWith(one));
  return start === undefined ? undefined : `must not start with "${start}": such names belong to the broker`;
}

/**
 * Characters that neither addresses nor plain words of patterns may hold, beside the wildcards. Artemis makes a
 * regular expression of each security match and escapes only `.` and `$`: `a|b/#` would match `a`, and `a(b` is
 * refused (seen with 2.56.0). Control characters end its `.*`.
 */
const unsafe = /[\\^[\](){}|?\s\p{Cc}]/u;

/** @returns why no broker could guard an address that holds this text, or `undefined` */
export function unsafeCharacter(text: string): string | undefined {
  return unsafe.exec(text)?.[0];
}

export type ParsedPattern = { ok: true; pattern: Pattern } | { ok: false; problem: string };

/** Reads a pattern; a refused one grants nothing. `problem` is for people and names what to change. */
export function parsePattern(text: string): ParsedPattern {
  if (text === '') return refused('must not be empty');
  if (text.length > maxAddressLength)
    return refused(`must not be longer than ${maxAddressLength} characters`);
  const several = severalIn(text);
  if (several.length > 1 && /[\s|]/.test(text))
    return refused(
      `holds several: write each as an entry of its own, ${several
        .map((one) => JSON.stringify(one))
        .slice(0, 5)
        .join(', ')}`,
    );
  const character = unsafeCharacter(text);
  if (character !== undefined) {
    const way =
      several[0] === undefined || several[0].length === text.length
        ? ''
        : `: write ${JSON.stringify(several[0])}`;
    return refused(`must not contain ${JSON.stringify(character)}${way}`);
  }
  const reserved = reservedFault(text);
  if (reserved !== undefined) return refused(reserved);
  const words = text.split('/').map((word) => (word === '*' ? '#' : word));
  const last = words.at(-1) ?? '';
  const isPrefix = last.length > 1 && last.endsWith('*');
  const plain = isPrefix ? [...words.slice(0, -1), last.slice(0, -1)] : words;
  for (const word of plain) {
    if (!isWildcard(word) && /[+#*]/.test(word)) {
      return refused(`"${word}": "+", "*" and "#" stand alone between slashes, or "*" ends the pattern`);
    }
  }
  if (!plain.some(isWildcard)) {
    return accepted(isPrefix ? { kind: 'prefix', text: text.slice(0, -1) } : { kind: 'exact', text });
  }
  if (isPrefix) return refused('must not mix a prefix ("top*") with other wildcards');
  const squeezed = words.filter((word, index) => word !== '#' || words[index - 1] !== '#');
  return accepted({ kind: 'words', text: squeezed.join('/'), words: squeezed });
}

/** The patterns in a text that was meant as a list of them; one when it was not. */
export function severalIn(text: string): string[] {
  return text.split(/[\s,;|]+/).filter((part) => part !== '');
}

/**
 * The name that an address could have instead, where patterns can name the one it has with `*` and `#` only: words of a
 * pattern are never empty. `queue://` and its like are no part of an address: clients of JMS write them before it.
 */
export function nameWithoutGaps(address: string): string | undefined {
  if (!address.split('/').includes('')) return undefined;
  const words = address.replace(/^[a-z]+:\/\//i, '').split('/');
  return words.filter((word) => word !== '').join('/');
}

/** All problems of a list of patterns, with the index of each. */
export function patternProblems(patterns: readonly string[]): { index: number; problem: string }[] {
  return patterns.flatMap((text, index) => {
    const parsed = parsePattern(text);
    return parsed.ok ? [] : [{ index, problem: parsed.problem }];
  });
}

/** Whether a pattern matches one address. Time is the product of their words. */
export function matchesPattern(pattern: Pattern, address: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return pattern.text === address;
    case 'prefix':
      return address.startsWith(pattern.text);
    case 'words':
      return coversWords(pattern.words, address.split('/'));
  }
}

/**
 * Whether every address of `narrow` is one of `wide`. `false` may also mean "not found out" for patterns with
 * `#` in the middle; a caller that acts on `true` only is always right.
 */
export function coversPattern(wide: Pattern, narrow: Pattern): boolean {
  if (narrow.kind === 'exact') return matchesPattern(wide, narrow.text);
  if (wide.kind === 'exact') return false;
  if (wide.kind === 'prefix') return literalStart(narrow).startsWith(wide.text);
  return narrow.kind === 'words' && coversWords(wide.words, narrow.words);
}

function literalStart(pattern: Pattern): string {
  if (pattern.kind !== 'words') return pattern.text;
  return pattern.words.slice(0, pattern.words.findIndex(isWildcard)).join('/');
}

/** Walks both word lists at once; `reach[i]` says that the first i words of `wide` can stand for those read so far. */
function coversWords(wide: readonly string[], narrow: readonly string[]): boolean {
  let reach = skipHashes(
    wide,
    wide.map(() => false),
    true,
  );
  for (const word of narrow) {
    const next = wide.map(() => false);
    let ended = false;
    for (const [index, reached] of reach.entries()) {
      if (!reached || index === wide.length) continue;
      const own = wide[index];
      if (own === '#') next[index] = true;
      else if (own === word ? word !== '#' : own === '+' && word !== '#' && word !== '') {
        if (index + 1 === wide.length) ended = true;
        else next[index + 1] = true;
      }
    }
    reach = skipHashes(wide, next, false);
    if (ended) reach[wide.length] = true;
  }
  return reach[wide.length] ?? false;
}

/** `#` also stands for no word at all. */
function skipHashes(wide: readonly string[], reach: readonly boolean[], start: boolean): boolean[] {
  const all = [...reach, false];
  if (start) all[0] = true;
  for (const [index, word] of wide.entries()) {
    if (all[index] === true && word === '#') all[index + 1] = true;
  }
  return all;
}

export function isWildcard(word: string): boolean {
  return word === '+' || word === '#';
}

function accepted(pattern: Pattern): ParsedPattern {
  return { ok: true, pattern };
}

function refused(problem: string): ParsedPattern {
  return { ok: false, problem };
}

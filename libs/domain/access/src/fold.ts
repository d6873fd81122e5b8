import type { Grant, PermissionMatch, Topics } from './grant.js';
import { namesOf, splitSubscription } from './may-use.js';
import { coversPattern, parsePattern, type Pattern } from './pattern.js';
import { PatternIndex } from './pattern-index.js';
import { firstMatches } from './precedence.js';
import { rightsOf, type Right } from './rights.js';

interface PatternRights {
  readonly pattern: Pattern;
  readonly roles: Decision;
}

/** What roles may do at one place; each list sorted, without repetition. */
type Decision = Readonly<Record<Right, readonly string[]>>;

interface WildcardMatch {
  readonly match: string;
  readonly decision: Decision;
}

/**
 * Translates what users were granted into the broker's security matches. Artemis takes the one most specific
 * match and merges nothing, so each match holds everybody whose pattern covers it, and an address gets an exact
 * match where no wildcard match alone decides right: patterns that overlap in part, prefixes, `#` in the
 * middle (Artemis takes it at the end only), exact grants.
 *
 * The match `#` is always there, with nobody in it if nobody may use everything: Artemis never takes away a
 * match that its configuration file holds.
 *
 * Patterns that `parsePattern` refuses grant nothing. Addresses that would be no exact match (`a/#`), that the broker
 * cannot hold a match for (`a(b`), or that belong to it (`$x`), are passed over: no such address is ever served, and
 * one match that the broker refuses would hold up all others. Work grows with the addresses and the distinct
 * patterns, not with their product.
 *
 * Subscribing is granted by exact matches of topics alone: a client chooses the name of its subscription, and with the
 * right on a wildcard match it could have a queue of that name deleted. For the same reason a declared subscription
 * always has a match of its own, without that right.
 *
 * @param addresses of the space: queues, topics, and `topic::subscription` for subscriptions
 * @param closed those that nobody may use, e.g. parked ones; need not be among `addresses`
 * @returns sorted by match, role names sorted
 */
export function foldPermissions(
  grants: readonly Grant[],
  addresses: readonly string[],
  closed: ReadonlySet<string>,
  topics: Topics = noTopics,
): PermissionMatch[] {
  const table = distinctPatterns(grants);
  const index = new PatternIndex(table.map(({ pattern }) => pattern));
  const decide = decider(table);
  const wildcards = wildcardMatches(table, index, decide);
  const folded = new Map([['#', toMatch('#', nobody)]]);
  for (const { match, decision } of wildcards.values()) folded.set(match, toMatch(match, decision));

  const shut = [...closed].filter(isMatchable);
  const open = new Set(addresses.filter(isMatchable));
  for (const address of shut) open.delete(address);
  for (const address of open) {
    if (isSubscription(address)) continue;
    const ids = index.match(address);
    const wanted = decide(ids);
    if (topics.names.has(address) && wanted.consume.length > 0)
      folded.set(address, topicMatch(address, wanted, topics.isFull));
    else if (!isDecidedByWildcards(address, ids, wanted, wildcards))
      folded.set(address, toMatch(address, wanted));
  }
  for (const address of open) {
    if (!isSubscription(address)) continue;
    const [topic] = splitSubscription(address);
    const own = decide([...new Set(namesOf(address).flatMap((name) => index.match(name)))].sort(ascending));
    const ofTopic = decide(index.match(topic));
    // Without a match of its own the broker asks the topic's.
    if (!open.has(topic) || !isSame(own, ofTopic) || (topics.names.has(topic) && own.consume.length > 0)) {
      folded.set(address, { ...toMatch(address, own), send: ofTopic.send });
    }
  }
  for (const address of shut) folded.set(address, toMatch(address, nobody));
  return [...folded.values()].sort((a, b) => byText(a.match, b.match));
}

function distinctPatterns(grants: readonly Grant[]): PatternRights[] {
  const table = new Map<string, { pattern: Pattern; roles: Record<Right, Set<string>> }>();
  for (const grant of grants) {
    const granted = rightsOf(grant.operations);
    for (const text of grant.addresses) {
      const parsed = parsePattern(text);
      if (!parsed.ok) continue;
      const { pattern } = parsed;
      const key = `${pattern.kind} ${pattern.text}`;
      const entry = table.get(key) ?? {
        pattern,
        roles: { send: new Set(), consume: new Set(), browse: new Set() },
      };
      for (const right of granted) entry.roles[right].add(grant.role);
      table.set(key, entry);
    }
  }
  const sorted = (roles: ReadonlySet<string>): string[] => [...roles].sort(byText);
  return [...table.values()].map(({ pattern, roles: { send, consume, browse } }) => ({
    pattern,
    roles: { send: sorted(send), consume: sorted(consume), browse: sorted(browse) },
  }));
}

/** Matches for the patterns that Artemis understands itself, each with everybody whose pattern covers it. By id. */
function wildcardMatches(
  table: readonly PatternRights[],
  index: PatternIndex,
  decide: (ids: readonly number[]) => Decision,
): Map<number, WildcardMatch> {
  const matches = new Map<number, WildcardMatch>();
  for (const [id, { pattern }] of table.entries()) {
    if (pattern.kind !== 'words' || hasInnerHash(pattern.words)) continue;
    // Whatever covers the pattern matches each of its addresses, so one of them finds the candidates.
    const covering = index.match(exampleOf(pattern.words)).filter((other) => {
      const wide = table[other];
      return wide !== undefined && coversPattern(wide.pattern, pattern);
    });
    matches.set(id, { match: pattern.text, decision: decide(covering) });
  }
  return matches;
}

/** Whether the broker, left with its wildcard matches, decides as it should. */
function isDecidedByWildcards(
  address: string,
  ids: readonly number[],
  wanted: Decision,
  wildcards: ReadonlyMap<number, WildcardMatch>,
): boolean {
  // The broker's regular expressions and these words disagree about empty words (`a/` and `a/#`).
  if (address.split('/').includes('')) return false;
  const fitting = ids.flatMap((id) => wildcards.get(id) ?? []);
  if (fitting.length === 0) return isSame(wanted, nobody);
  return firstMatches(fitting).every(({ decision }) => isSame(decision, wanted));
}

/** Decides for a set of patterns; many addresses share one, so answers are kept. */
function decider(table: readonly PatternRights[]): (ids: readonly number[]) => Decision {
  const known = new Map<string, Decision>();
  return (ids) => {
    const set = ids.join();
    const decision = known.get(set) ?? decisionOf(ids.flatMap((id) => table[id] ?? []));
    known.set(set, decision);
    return decision;
  };
}

function decisionOf(entries: readonly PatternRights[]): Decision {
  const of = (right: Right): readonly string[] =>
    entries.reduce<readonly string[]>((all, { roles }) => union(all, roles[right]), []);
  return { send: of('send'), consume: of('consume'), browse: of('browse') };
}

/** Of two sorted lists. Merged, not sorted anew: with many users at many addresses this is where time goes. */
function union(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: string[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const [x, y] = [a[left], b[right]];
    if (x === undefined) return merged.concat(b.slice(right));
    if (y === undefined) return merged.concat(a.slice(left));
    merged.push(x < y ? x : y);
    if (x <= y) left++;
    if (y <= x) right++;
  }
}

function isSame(a: Decision, b: Decision): boolean {
  return (
    a === b ||
    (isSameList(a.send, b.send) && isSameList(a.consume, b.consume) && isSameList(a.browse, b.browse))
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((role, index) => role === b[index]));
}

const nobody = decisionOf([]);

const noTopics: Topics = { names: new Set(), isFull: false };

function hasInnerHash(words: readonly string[]): boolean {
  const at = words.indexOf('#');
  return at >= 0 && at < words.length - 1;
}

/** The shortest address of a pattern, with a word that no pattern names where any word will do. */
function exampleOf(words: readonly string[]): string {
  return words
    .filter((word) => word !== '#')
    .map((word) => (word === '+' ? '\u0001' : word))
    .join('/');
}

function toMatch(match: string, { send, consume, browse }: Decision): PermissionMatch {
  return { match, send, consume, browse };
}

function topicMatch(topic: string, decision: Decision, isFull: boolean): PermissionMatch {
  const { consume } = decision;
  return { ...toMatch(topic, decision), ...(isFull ? {} : { subscribe: consume }), unsubscribe: consume };
}

function isMatchable(address: string): boolean {
  const parsed = parsePattern(address);
  return parsed.ok && parsed.pattern.kind === 'exact';
}

function isSubscription(address: string): boolean {
  return splitSubscription(address)[1] !== undefined;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

import {
  canonicalJson,
  changeIssues,
  describeRef,
  keyOf,
  labels,
  ourKind,
  refKey,
  refOf,
  type Issue,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import { isDeclaredIn } from './compare.js';
import { applicable } from './foreign-fields.js';
import type { ManifestDocument } from './manifest.js';
import { sortForApply, sortForRemoval } from './order.js';
import {
  findRemovals,
  isInventoried,
  isSameOwner,
  ownerOf,
  type Inventory,
  type LastGoodEntry,
  type LiveObjects,
  type Owner,
} from './ownership.js';
import type { Problem } from './ports.js';
import { problemAt, sortProblems, type ProblemCode } from './problems.js';
import { findReplacements } from './replacements.js';

export interface PlanInput {
  /** Of the commit; of two documents for one object the first counts. */
  readonly documents: readonly ManifestDocument[];
  readonly live: LiveObjects;
  readonly lastGood: readonly LastGoodEntry[];
  readonly inventory: Inventory;
  readonly owner: Owner;
  readonly prune: boolean;
  /** Whether a GitSource still exists: the claim of one that is gone binds nobody. Default: all do. */
  readonly sourceExists?: (owner: Owner) => boolean;
  /** Declared objects that stay as they are, however that is. Default: none. */
  readonly isLeft?: (declared: KubeObject) => boolean;
  /** Hex digest of a text in UTF-8. */
  readonly sha256: (text: string) => string;
}

/** What becomes of one object. */
export type PlanEntry = DeclaredEntry | RemovalEntry;

export interface DeclaredEntry {
  readonly action: 'add' | 'change' | 'unchanged';
  readonly ref: ObjectRef;
  readonly file: string;
  readonly line: number;
  /** Of `manifest`. */
  readonly digest: string;
  /** To be applied as it is: with the labels of its owner, without what only the API server writes. */
  readonly manifest: KubeObject;
  /** The object is there already, and no source has applied it. */
  readonly isAdoption: boolean;
}

export interface RemovalEntry {
  readonly action: 'remove';
  readonly ref: ObjectRef;
  /** Of the object that is meant; another one of that name is left alone. */
  readonly uid?: string;
  /** What is desired of it, as a number that changes with it. */
  readonly version?: string;
}

export interface RolloutPlan {
  /** Of what it does: two plans with the same effect on the same objects have the same one. */
  readonly digest: string;
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly unchanged: number;
  /** Declared objects in the order of applying, then removals in theirs. */
  readonly entries: readonly PlanEntry[];
  /** Sorted by file and line. With any of these nothing may be applied. */
  readonly problems: readonly Problem[];
  /** Objects of the source that the commit still holds. */
  readonly kept: readonly ObjectRef[];
}

/** Compares what a commit declares with what is: what to add, change, leave and remove. */
export function planChanges(input: PlanInput): RolloutPlan {
  const known = new Map(input.lastGood.map((entry) => [entry.key, entry.digest]));
  const problems: Problem[] = [];
  const declared = new Map<string, DeclaredEntry>();
  for (const document of input.documents) {
    const key = keyOf(document.object);
    if (declared.has(key)) continue;
    const live = input.live.get(key);
    const isApplied = live !== undefined && isInventoried(input.inventory, key, live);
    const judged = entryOf(document, { live, isApplied, knownDigest: known.get(key) }, input);
    const isLeft = input.isLeft?.(document.object) === true;
    const entry: DeclaredEntry = isLeft ? { ...judged, action: 'unchanged' } : judged;
    declared.set(key, entry);
    if (!isLeft && live !== undefined) problems.push(...judgeChange(document, entry, live, input));
  }
  const leaving = findRemovals(input);
  problems.push(...findReplacements(input.documents, input.live, leaving));
  const removals = leaving.map(toRemoval);
  const entries = [...sortForApply([...declared.values()]), ...sortForRemoval(removals)];
  const count = (action: PlanEntry['action']): number =>
    entries.reduce((sum, entry) => sum + (entry.action === action ? 1 : 0), 0);
  return {
    digest: input.sha256(canonicalJson(entries.flatMap((entry) => effectOf(entry)))),
    add: count('add'),
    change: count('change'),
    remove: count('remove'),
    unchanged: count('unchanged'),
    entries,
    problems: sortProblems(problems),
    kept: [...declared].flatMap(([key, { ref }]) =>
      isSameOwner(ownerOf(input.live.get(key)), input.owner) ? [ref] : [],
    ),
  };
}

/** What an entry follows from, besides its document. */
interface Found {
  readonly live: KubeObject | undefined;
  /** The source itself has applied that very object. */
  readonly isApplied: boolean;
  /** Of the manifest in the last good commit. */
  readonly knownDigest: string | undefined;
}

interface Judged extends Found {
  readonly applied: Applied;
  readonly entry: DeclaredEntry;
}

const judged = new WeakMap<ManifestDocument, Judged>();

/** Neither documents nor live objects ever change: where both are the same ones as before, so is the entry. */
function entryOf(document: ManifestDocument, found: Found, { owner, sha256 }: PlanInput): DeclaredEntry {
  const owned = asApplied(document, owner, sha256);
  const before = judged.get(document);
  if (
    before?.applied === owned &&
    before.live === found.live &&
    before.isApplied === found.isApplied &&
    before.knownDigest === found.knownDigest
  )
    return before.entry;
  const entry = toEntry(document, owned, found);
  judged.set(document, { applied: owned, ...found, entry });
  return entry;
}

function toEntry(
  document: ManifestDocument,
  { manifest, ref, digest, owner }: Applied,
  { live, isApplied, knownDigest }: Found,
): DeclaredEntry {
  const isKnown = knownDigest === digest;
  const isUnchanged =
    live !== undefined &&
    live.metadata.deletionTimestamp === undefined &&
    // What is not the source's own yet becomes so by being applied.
    isApplied &&
    isSameOwner(ownerOf(live), owner) &&
    (knownDigest === undefined || isKnown) &&
    isDeclaredIn(manifest, live, isKnown);
  return {
    action: live === undefined ? 'add' : isUnchanged ? 'unchanged' : 'change',
    ref,
    file: document.file,
    line: document.line,
    digest,
    manifest,
    isAdoption: live !== undefined && ownerOf(live) === undefined,
  };
}

/** A document as one owner applies it. */
export interface Applied {
  readonly owner: Owner;
  /** With the labels of its owner, without what only the API server writes. */
  readonly manifest: KubeObject;
  readonly ref: ObjectRef;
  /** `refKey` of it. */
  readonly key: string;
  /** Of `manifest`. */
  readonly digest: string;
}

const applied = new WeakMap<ManifestDocument, Applied>();

/** What is applied of a document. It never changes, so this is made once for an owner. */
export function asApplied(document: ManifestDocument, owner: Owner, sha256: PlanInput['sha256']): Applied {
  const known = applied.get(document);
  if (known !== undefined && isSameOwner(known.owner, owner)) return known;
  const manifest = withOwner(applicable(document.object), owner);
  const digest = sha256(canonicalJson(manifest));
  const made = { owner, manifest, ref: refOf(manifest), key: keyOf(manifest), digest };
  applied.set(document, made);
  return made;
}

function withOwner(object: KubeObject, owner: Owner): KubeObject {
  const { metadata } = object;
  const owned = {
    ...metadata.labels,
    [labels.source]: owner.source,
    [labels.sourceNamespace]: owner.sourceNamespace,
  };
  return { ...object, metadata: { ...metadata, labels: owned } };
}

function toRemoval(object: KubeObject): RemovalEntry {
  const { uid, generation, resourceVersion } = object.metadata;
  // Writes of a status count as resource versions, but not as generations.
  const version = generation?.toString() ?? resourceVersion;
  return {
    action: 'remove',
    ref: refOf(object),
    ...(uid === undefined ? {} : { uid }),
    ...(version === undefined ? {} : { version }),
  };
}

function effectOf(entry: PlanEntry): object[] {
  if (entry.action === 'unchanged') return [];
  if (entry.action === 'remove') {
    const { action, ref, uid = '', version = '' } = entry;
    return [{ action, key: refKey(ref), uid, version }];
  }
  return [{ action: entry.action, key: refKey(entry.ref), digest: entry.digest }];
}

function judgeChange(
  document: ManifestDocument,
  entry: DeclaredEntry,
  live: KubeObject,
  { owner, sourceExists = () => true }: PlanInput,
): Problem[] {
  const claim = ownerOf(live);
  const problem = (code: ProblemCode, line: number, message: string): Problem =>
    problemAt({ file: document.file, line }, code, message, entry.ref);
  if (claim !== undefined && !isSameOwner(claim, owner) && sourceExists(claim)) {
    const other = `${claim.sourceNamespace}/${claim.source}`;
    const message = `${describeRef(entry.ref)} belongs to the GitSource ${other}: remove it there first, or rename it here`;
    return [problem('OBJECT_CLAIMED', document.line, message)];
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    const message = `${describeRef(entry.ref)} is still being removed: the commit is tried again when it is gone`;
    return [problem('OBJECT_TERMINATING', document.line, message)];
  }
  if (entry.action !== 'change') return [];
  return issuesOfChange(live, entry.manifest).map(({ path, message }) =>
    problem('IMMUTABLE_FIELD', document.lineOf(path), message),
  );
}

/** Rules of change look at single fields and bear objects that do not fit their schema. */
function issuesOfChange(before: KubeObject, after: KubeObject): Issue[] {
  const kind = ourKind(after)?.kind;
  return kind === undefined ? [] : changeIssues(kind, before as never, after as never);
}

/**
 * Rules that a schema cannot say: over several fields, or from one state to the next. Each is written once
 * with its message and twice as an expression: in CEL for the API server, so that kubectl refuses at once,
 * and as a predicate, so that a commit is judged with all its mistakes before anything is applied.
 */
export interface Rule {
  /** Where the rule stands: keys joined by `.`, `[]` after a list: `spec.endpoints[].cert`. Empty: the object. */
  readonly path: string;
  /** CEL of `x-kubernetes-validations`; `self` is the value at `path`. */
  readonly cel: string;
  readonly message: string;
  /**
   * The same as `cel`, of a value that fits the schema (written with its own type). Absent for rules of change.
   */
  readonly holds?: (self: never) => boolean;
  /** Of rules over the old value too (`oldSelf`): same question, asked of both. */
  readonly holdsAfter?: (self: never, old: never) => boolean;
  /** Key below `path` that the message is about. */
  readonly at?: string;
}

/** A problem of an object: where, as keys from its root, and what. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Asks the rules about one state. A rule is not asked when what it reads has a problem already. */
export function judgeState(rules: readonly Rule[], object: unknown, broken: readonly Issue[]): Issue[] {
  return rules.flatMap(({ path, cel, holds, message, at }) => {
    if (holds === undefined) return [];
    const reads = fieldsRead(cel);
    const isTrusted = (node: Located): boolean =>
      !broken.some((issue) => reads.some((field) => touches(issue.path, [...node.path, ...field])));
    return valuesAt(object, path)
      .filter(isTrusted)
      .filter((node) => !holds(node.value as never))
      .map((node) => ({ path: at === undefined ? node.path : [...node.path, ...at.split('.')], message }));
  });
}

/** Asks the rules about a change of one object. A rule is not asked about a state that lacks what it is about. */
export function judgeChange(rules: readonly Rule[], before: unknown, after: unknown): Issue[] {
  return rules.flatMap(({ path, holdsAfter, message, at }) => {
    if (holdsAfter === undefined) return [];
    const old = valuesAt(before, path)[0];
    const now = valuesAt(after, path)[0];
    // They are all about mappings; an object that does not fit its schema may have null or a text there.
    if (!isMapping(old?.value) || !isMapping(now?.value)) return [];
    if (holdsAfter(now.value as never, old.value as never)) return [];
    return [{ path: at === undefined ? now.path : [...now.path, ...at.split('.')], message }];
  });
}

/** Paths below `self` that an expression reads: `self.a.b.matches('x')` reads `a.b`. */
function fieldsRead(cel: string): string[][] {
  const read = [...cel.matchAll(/\bself((?:\.[A-Za-z]+)*)(\()?/g)].map(([, path = '', call]) => {
    const keys = path.split('.').slice(1);
    return call === undefined ? keys : keys.slice(0, -1);
  });
  return read.length === 0 ? [[]] : read;
}

interface Located {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function valuesAt(root: unknown, path: string): Located[] {
  let nodes: Located[] = [{ path: [], value: root }];
  for (const step of path === '' ? [] : path.split('.')) {
    const isList = step.endsWith('[]');
    const key = isList ? step.slice(0, -2) : step;
    nodes = nodes.flatMap((node) => {
      const value = member(node.value, key);
      if (value === undefined) return [];
      const child = { path: [...node.path, key], value };
      if (!isList) return [child];
      return Array.isArray(value)
        ? value.map((item: unknown, index) => ({ path: [...child.path, index], value: item }))
        : [];
    });
  }
  return nodes;
}

function member(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether a problem at `issue` makes the value at `node` (or what lies below it) untrustworthy. */
function touches(issue: readonly (string | number)[], node: readonly (string | number)[]): boolean {
  const shared = Math.min(issue.length, node.length);
  return issue.slice(0, shared).every((key, index) => key === node[index]);
}

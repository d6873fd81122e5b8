import { isAlias, isMap, isScalar, isSeq, Scalar, type Alias, type YAMLMap, type YAMLSeq } from 'yaml';
import { refuseTwice, type TwiceKey } from './duplicate-keys.js';
import { forbidden } from './json-source.js';
import { resolvePlain } from './plain-scalar.js';
import { quote } from './problems.js';
import {
  brokenCharacter,
  FORBIDDEN_KEY,
  loneSurrogate,
  SourceMistake,
  type JsonValue,
  type SourceLimits,
} from './source-value.js';

const MERGE_KEY = '<<';
const plainTags: ReadonlySet<string> = new Set([
  'tag:yaml.org,2002:str',
  'tag:yaml.org,2002:map',
  'tag:yaml.org,2002:seq',
]);

/** An anchor's value and how many values it holds when written out; `undefined` while it is being read. */
type Anchored = { readonly value: JsonValue; readonly size: number } | undefined;

/**
 * Turns the nodes of one document into JSON, as kubectl would. Aliases are counted as if they were written out,
 * since that is what goes to the API server: ten lines of aliases of aliases are a bomb.
 */
export class YamlConverter {
  private readonly anchors = new Map<string, Anchored>();
  private aliased = 0;
  /** Keys that stood in their mapping before. */
  readonly twice: TwiceKey[] = [];
  /** Values seen so far, those of aliases included. */
  private seen = 0;

  constructor(private readonly limits: Pick<SourceLimits, 'depth' | 'aliasedValues'>) {}

  convert(node: unknown, depth: number): JsonValue {
    this.seen++;
    if (isAlias(node)) return this.follow(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    const at = node.range?.[0] ?? 0;
    if (node.tag !== undefined && !plainTags.has(node.tag)) {
      const message = 'tags are not taken: remove it; a value that begins with "!" must stand in quotes';
      throw new SourceMistake('TAG_REFUSED', message, at);
    }
    if (depth > this.limits.depth) {
      throw new SourceMistake('TOO_DEEP', `more than ${this.limits.depth} values inside each other`, at);
    }
    const { anchor } = node;
    const before = this.seen;
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const value = isScalar(node)
      ? this.scalar(node)
      : isMap(node)
        ? this.mapping(node, depth)
        : this.sequence(node, depth);
    if (anchor !== undefined) this.anchors.set(anchor, { value, size: this.seen - before + 1 });
    return value;
  }

  private follow(alias: Alias): JsonValue {
    const at = alias.range?.[0] ?? 0;
    const anchored = this.anchors.get(alias.source);
    if (anchored === undefined) {
      // Never its name: it may be a password that lacks quotes.
      const message = this.anchors.has(alias.source)
        ? 'this alias stands inside the value of its own anchor: write it out'
        : 'this alias has no anchor before it: a value that begins with "*" must stand in quotes';
      throw new SourceMistake('ALIAS_REFUSED', message, at);
    }
    this.seen += anchored.size;
    this.aliased += anchored.size;
    if (this.aliased > this.limits.aliasedValues) {
      const message = `aliases stand for more than ${this.limits.aliasedValues} values: write them out`;
      throw new SourceMistake('ALIAS_REFUSED', message, at);
    }
    return anchored.value;
  }

  private scalar(node: Scalar): JsonValue {
    const text = typeof node.value === 'string' ? node.value : '';
    if (loneSurrogate.test(text)) {
      throw new SourceMistake('VALUE_REFUSED', brokenCharacter, node.range?.[0] ?? 0);
    }
    if (node.type !== Scalar.PLAIN || node.tag !== undefined) return text;
    const resolved = resolvePlain(text);
    if (resolved.kind === 'value') return resolved.value;
    throw new SourceMistake('VALUE_REFUSED', resolved.why, node.range?.[0] ?? 0);
  }

  private sequence(node: YAMLSeq, depth: number): JsonValue {
    return node.items.map((item) => this.convert(item, depth + 1));
  }

  private mapping(node: YAMLMap, depth: number): JsonValue {
    const result: Record<string, JsonValue> = {};
    const written = new Set<string>();
    const twice: TwiceKey[] = [];
    for (const { key: keyNode, value: valueNode } of node.items) {
      const at = isScalar(keyNode) || isAlias(keyNode) ? (keyNode.range?.[0] ?? 0) : (node.range?.[0] ?? 0);
      if (isScalar(keyNode) && keyNode.type === Scalar.PLAIN && keyNode.value === MERGE_KEY) {
        this.merge(this.convert(valueNode, depth + 1), result, written, at);
        continue;
      }
      const key = this.key(keyNode, at);
      if (written.has(key)) twice.push({ key, at });
      written.add(key);
      result[key] = this.convert(valueNode, depth + 1);
    }
    refuseTwice(twice, result, depth);
    for (const one of twice) this.twice.push(one);
    return result;
  }

  private key(node: unknown, at: number): string {
    if (isScalar(node)) this.convert(node, 0);
    const text = isScalar(node) ? keyText(node) : isAlias(node) ? textOfKey(this.follow(node)) : undefined;
    if (text === undefined) {
      throw new SourceMistake('KEY_REFUSED', 'a key must be a text or an integer: quote it', at);
    }
    if (text === FORBIDDEN_KEY) throw new SourceMistake('KEY_REFUSED', forbidden, at);
    return text;
  }

  /**
   * Copies the keys of `<<`. The parser of Kubernetes lets them replace keys that stand before them, the YAML
   * specification does not: where the two differ the commit is refused.
   */
  private merge(
    value: JsonValue,
    into: Record<string, JsonValue>,
    written: ReadonlySet<string>,
    at: number,
  ): void {
    const sources = Array.isArray(value) ? value.toReversed() : [value];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw new SourceMistake('VALUE_REFUSED', '<< takes a mapping or a list of mappings', at);
      }
      for (const [key, merged] of Object.entries(source)) {
        if (written.has(key)) {
          const message = `<< would replace the key ${quote(key)} before it: put << first`;
          throw new SourceMistake('DUPLICATE_KEY', message, at);
        }
        into[key] = merged;
      }
    }
  }
}

/** The key that a scalar stands for in JSON. `undefined` when it has none. */
export function keyText(node: Scalar): string | undefined {
  const text = typeof node.value === 'string' ? node.value : '';
  if (node.type !== Scalar.PLAIN || node.tag !== undefined) return text;
  const resolved = resolvePlain(text);
  // Kubernetes writes keys that are fractions its own way: 1e10 becomes 1e+10.
  const isFraction =
    resolved.kind === 'value' && typeof resolved.value === 'number' && /^[-+0-9._]*[.eE]/.test(text);
  return resolved.kind === 'value' && !isFraction ? textOfKey(resolved.value) : undefined;
}

function textOfKey(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  return undefined;
}

import type { Pattern } from './pattern.js';

interface TrieNode {
  readonly children: Map<string, TrieNode>;
  /** Reached by `#`: takes any further word and stays. */
  readonly stays: boolean;
  id?: number;
}

/** Finds the patterns that match an address without trying each of them. */
export class PatternIndex {
  private readonly exact = new Map<string, number>();
  private readonly prefixes = new Map<string, number>();
  private readonly prefixLengths: number[];
  private readonly root: TrieNode = newNode(false);

  /** @param patterns each distinct; their positions are the ids that `match` answers */
  constructor(patterns: readonly Pattern[]) {
    for (const [id, pattern] of patterns.entries()) {
      if (pattern.kind === 'exact') this.exact.set(pattern.text, id);
      else if (pattern.kind === 'prefix') this.prefixes.set(pattern.text, id);
      else this.insert(pattern.words, id);
    }
    this.prefixLengths = [...new Set([...this.prefixes.keys()].map((prefix) => prefix.length))];
  }

  /** @returns ids in ascending order */
  match(address: string): number[] {
    const ids = new Set<number>();
    const exact = this.exact.get(address);
    if (exact !== undefined) ids.add(exact);
    for (const length of this.prefixLengths) {
      const id = this.prefixes.get(address.slice(0, length));
      if (id !== undefined) ids.add(id);
    }
    for (const node of this.walk(address)) {
      if (node.id !== undefined) ids.add(node.id);
    }
    return [...ids].sort((a, b) => a - b);
  }

  private insert(words: readonly string[], id: number): void {
    let node = this.root;
    for (const word of words) {
      const next = node.children.get(word) ?? newNode(word === '#');
      node.children.set(word, next);
      node = next;
    }
    node.id = id;
  }

  /** All nodes that the whole address leads to; a set per word, so that many `#` cannot multiply the work. */
  private walk(address: string): Set<TrieNode> {
    let active = withHashes([this.root]);
    for (const word of address.split('/')) {
      const next: TrieNode[] = [];
      for (const node of active) {
        if (node.stays) next.push(node);
        const literal = word === '+' || word === '#' ? undefined : node.children.get(word);
        if (literal !== undefined) next.push(literal);
        const single = word === '' ? undefined : node.children.get('+');
        if (single !== undefined) next.push(single);
      }
      active = withHashes(next);
    }
    return active;
  }
}

function withHashes(nodes: readonly TrieNode[]): Set<TrieNode> {
  const all = new Set<TrieNode>();
  for (const node of nodes) {
    all.add(node);
    const hash = node.children.get('#');
    if (hash !== undefined) all.add(hash);
  }
  return all;
}

function newNode(stays: boolean): TrieNode {
  return { children: new Map(), stays };
}

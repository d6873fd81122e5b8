import type { ManifestDocument } from './manifest.js';
import type { GitFile, Problem } from './ports.js';
import type { SourceBudget } from './source-value.js';

/** What a file without any mistake held, and what it took of the commit's budget to read it. */
export interface ParsedFile {
  readonly documents: readonly ManifestDocument[];
  readonly warnings: readonly Problem[];
  readonly cost: Readonly<SourceBudget>;
}

/**
 * Files that were read before: most of a commit is as it was in the one before it. What was read of a text for a
 * namespace is always the same, so an entry is never wrong, only in the way; those not used for longest go.
 */
export class ParsedFiles {
  private readonly entries = new Map<string, { readonly text: string; readonly parsed: ParsedFile }>();
  private characters = 0;

  /** @param maxCharacters of all texts together; what is read of them takes some ten times as many bytes */
  constructor(private readonly maxCharacters: number) {}

  get(namespace: string, { path, text }: GitFile): ParsedFile | undefined {
    const key = keyOf(namespace, path);
    const entry = this.entries.get(key);
    if (entry?.text !== text) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.parsed;
  }

  put(namespace: string, { path, text }: GitFile, parsed: ParsedFile): void {
    const key = keyOf(namespace, path);
    this.forget(key);
    this.entries.set(key, { text, parsed });
    this.characters += text.length;
    for (const oldest of this.entries.keys()) {
      if (this.characters <= this.maxCharacters) return;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    this.characters -= this.entries.get(key)?.text.length ?? 0;
    this.entries.delete(key);
  }
}

function keyOf(namespace: string, path: string): string {
  return `${namespace}/${path}`;
}

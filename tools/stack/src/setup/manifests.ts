import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { KubeObject } from '@samband/resources';
import { parseAllDocuments } from 'yaml';

export interface Manifests {
  readonly crds: readonly KubeObject[];
  /** Namespaces, service accounts, roles, example plans. */
  readonly objects: readonly KubeObject[];
}

/**
 * Reads what the repository ships under `infra/`, and adds `more`. Texts are parsed only when asked for.
 *
 * @returns `digest` of it all: the same one means that there is nothing to apply
 */
export function readManifests(
  repository: string,
  more: readonly KubeObject[] = [],
): { digest: string; parse: () => Manifests } {
  const read = (folder: string): TextFile[] => readFolder(path.join(repository, 'infra', folder));
  const crds = read('crds');
  const objects = [...read('bundle'), ...read('plans')];
  const digest = createHash('sha256')
    .update(JSON.stringify([crds, objects, more]))
    .digest('hex');
  return { digest, parse: () => ({ crds: parseAll(crds), objects: [...parseAll(objects), ...more] }) };
}

interface TextFile {
  readonly file: string;
  readonly text: string;
}

function readFolder(folder: string): TextFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({
      file: path.join(path.basename(folder), name),
      text: readFileSync(path.join(folder, name), 'utf8'),
    }));
}

function parseAll(files: readonly TextFile[]): KubeObject[] {
  return files.flatMap(({ file, text }) => {
    const documents = parseAllDocuments(text);
    if (!Array.isArray(documents)) return [];
    return documents.flatMap((document) => {
      const [problem] = document.errors;
      if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
      const value = document.toJS() as KubeObject | null;
      return value === null ? [] : [value];
    });
  });
}

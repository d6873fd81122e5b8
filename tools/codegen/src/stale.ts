import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedFiles } from './files.js';

const FOLDER = 'infra/crds';

/** Paths of generated files that are missing, differ from what would be generated, or are of no kind any more. */
export async function staleFiles(root: string): Promise<string[]> {
  const wanted = await generatedFiles(root);
  const stale: string[] = [];
  for (const [file, content] of wanted) {
    if ((await readIfThere(path.join(root, file))) !== content) stale.push(file);
  }
  const present = await readdir(path.join(root, FOLDER)).catch(() => []);
  const left = present.map((name) => `${FOLDER}/${name}`).filter((file) => !wanted.has(file));
  return [...stale, ...left];
}

async function readIfThere(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(() => undefined);
}

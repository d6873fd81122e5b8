/**
 * Writes what is generated from the kinds. `--check` writes nothing and fails when something is stale.
 * Usage: node tools/codegen/dist/main.js [--check]
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './files.js';
import { staleFiles } from './stale.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const stale = await staleFiles(root);

if (process.argv.includes('--check')) {
  for (const file of stale) console.error(`stale: ${file}`);
  if (stale.length > 0) console.error('run `npm run generate`');
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  const files = await generatedFiles(root);
  for (const file of stale) {
    const content = files.get(file);
    const target = path.join(root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await (content === undefined ? rm(target) : writeFile(target, content));
    console.log(`${content === undefined ? 'removed' : 'written'}: ${file}`);
  }
}

/** `npm run sbom`: writes `dist/sbom.cdx.json`, what this repository is made of besides its own sources. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { command } from './lib/prepare.mjs';
import { completeSbom } from './lib/supply-chain-sbom.mjs';

await command(async () => {
  const sbom = await completeSbom();
  const file = path.join(root, 'dist/sbom.cdx.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(sbom, undefined, 2)}\n`);
  await rename(`${file}.${process.pid}`, file);
  console.log(`${path.relative(process.cwd(), file)}: ${sbom.components.length} components, CycloneDX`);
});

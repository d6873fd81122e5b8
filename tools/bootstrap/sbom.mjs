/**
 * `npm run sbom`: writes `dist/sbom.cdx.json`, what this repository is made of besides its own sources. Exit codes:
 * 0 written, 1 not written, 75 (`EX_TEMPFAIL`) there is no Go, which alone can say what is in its binaries.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { command } from './lib/prepare.mjs';
import { ask } from './lib/run.mjs';
import { completeSbom } from './lib/supply-chain-sbom.mjs';

await command(async () => {
  if ((await ask('go', ['version'])) === undefined) {
    console.log('no Go on the PATH: put its bin folder there');
    process.exitCode = 75;
    return;
  }
  const sbom = await completeSbom();
  const file = path.join(root, 'dist/sbom.cdx.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(sbom, undefined, 2)}\n`);
  await rename(`${file}.${process.pid}`, file);
  console.log(`${path.relative(process.cwd(), file)}: ${sbom.components.length} components, CycloneDX`);
});

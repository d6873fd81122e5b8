/** The workspace itself: its packages installed as the lock file says, and its sources compiled. */
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './paths.mjs';
import { BootstrapError, work } from './run.mjs';

const modules = path.join(root, 'node_modules');
const notes = path.join(modules, '.cache/samband');
const lockNote = path.join(notes, 'package-lock');
/** What the stack runs; everything they import is built with them. */
const stack = ['apps/api', 'apps/worker', 'apps/controller', 'tools/stack'];

/** Whether node_modules is what the lock file says. */
export async function packagesFresh() {
  const lock = await digest(path.join(root, 'package-lock.json'));
  if (lock !== undefined && lock === (await readFile(lockNote, 'utf8').catch(() => ''))) return true;
  // Installed by hand: npm's own copy of the lock is written last.
  const [wanted, installed] = await Promise.all([
    changed(path.join(root, 'package-lock.json')),
    changed(path.join(modules, '.package-lock.json')),
  ]);
  return installed !== undefined && (wanted === undefined || installed >= wanted);
}

/** @param {(detail: string) => void} say */
export async function installPackages(say) {
  // Not `npm ci`: it wants the binaries of every platform in the lock file, and npm writes down only those that
  // the registry at hand offers. Nothing is saved, so the lock file decides and stays as it is.
  await work('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    onLine: say,
    mend: 'see the lines above; behind a company registry set it with: npm config set registry <address>',
  });
  await mkdir(notes, { recursive: true });
  await writeFile(lockNote, (await digest(path.join(root, 'package-lock.json'))) ?? '');
}

/**
 * Whether dist is what the sources say: names, sizes and times of all of them, read in about 20 ms.
 * @param {readonly string[]} tools built beside the stack
 */
export async function buildFresh(tools) {
  const mains = [...stack, ...tools];
  const [now, before] = await Promise.all([
    fingerprint(),
    readFile(buildNote(mains), 'utf8').catch(() => ''),
  ]);
  if (now !== before) return false;
  const built = await Promise.all(mains.map((main) => changed(path.join(root, main, 'dist/main.js'))));
  return built.every((time) => time !== undefined);
}

/**
 * @param {(detail: string) => void} say
 * @param {readonly string[]} tools built beside the stack
 */
export async function build(say, tools) {
  const mains = [...stack, ...tools];
  const before = await fingerprint();
  const projects = mains.map((main) => path.basename(main)).join(',');
  await work(
    path.join(modules, '.bin/nx'),
    ['run-many', '-t', 'build', '-p', projects, '--outputStyle=static', '--skip-sync'],
    {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
      onLine: say,
    },
  );
  for (const main of mains) {
    const file = path.join(main, 'dist/main.js');
    await access(path.join(root, file)).catch(() => {
      throw new BootstrapError(`the build left no ${file}`, `npx nx reset && npx nx run-many -t build`);
    });
  }
  await mkdir(notes, { recursive: true });
  await writeFile(buildNote(mains), before); // A change made while it was compiled is seen the next time.
}

/** @param {readonly string[]} mains */
function buildNote(mains) {
  return path.join(notes, `build-${mains.map((main) => path.basename(main)).join('-')}`);
}

/** Names, sizes and times of everything that a build reads. */
async function fingerprint() {
  const hash = createHash('sha256');
  for (const folder of ['apps', 'libs', 'tools']) await addFolder(hash, path.join(root, folder));
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.base.json', 'nx.json']) {
    hash.update(`${file} ${await changed(path.join(root, file))}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} folder
 */
async function addFolder(hash, folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'dist' && entry.name !== 'node_modules') await addFolder(hash, file);
    } else if (/\.(ts|json|cjs|mjs)$/.test(entry.name) && !entry.name.endsWith('.spec.ts')) {
      const { size, mtimeMs } = await stat(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
}

/** @param {string} file */
async function changed(file) {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
}

/** @param {string} file */
async function digest(file) {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
}

/**
 * The control plane's binaries. Order: an environment variable, PATH with a fitting version, the cache, and
 * else built through the Go module proxy from the pinned modules beside this folder (`kubernetes`, `etcd`,
 * `temporal`; their go.sum is what verifies the sources).
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { bootstrapDir } from './paths.mjs';
import { ask, work } from './run.mjs';

/**
 * @typedef {object} Binary
 * @property {string} name
 * @property {'KUBEBUILDER_ASSETS' | 'TEMPORAL_CLI'} variable a folder of binaries, or the one file
 * @property {string[]} version arguments that print the version
 * @property {RegExp} fits
 * @property {string} module folder with go.mod and go.sum
 * @property {string} package
 * @property {string} ldflags
 */

const kubernetesFlags =
  '-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36';

/**
 * @param {string} name
 * @param {string[]} version
 * @returns {Binary}
 */
function kubernetes(name, version) {
  return {
    name,
    variable: 'KUBEBUILDER_ASSETS',
    version,
    fits: /\bv1\.36\.\d+\b(?!-)/,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: kubernetesFlags,
  };
}

/** @type {readonly Binary[]} */
export const binaries = [
  {
    name: 'etcd',
    variable: 'KUBEBUILDER_ASSETS',
    version: ['--version'],
    fits: /etcd Version: 3\.6\.\d+/,
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    ldflags: '-s -w',
  },
  {
    name: 'temporal',
    variable: 'TEMPORAL_CLI',
    version: ['--version'],
    // Before 1.29.6: CVE-2026-5199, CVE-2026-5724.
    fits: /\bServer 1\.29\.([6-9]|\d{2,})\b/,
    module: 'temporal',
    package: 'github.com/temporalio/cli/cmd/temporal',
    ldflags: '-s -w',
  },
  kubernetes('kube-apiserver', ['--version']),
  kubernetes('kube-controller-manager', ['--version']),
  kubernetes('kubectl', ['version', '--client']),
];

/**
 * @param {Binary} binary
 * @param {string} cache
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} the file to use, `undefined` when it must be built
 */
export async function findBinary(binary, cache, env = process.env) {
  const given = env[binary.variable];
  if (given) {
    const file = binary.variable === 'TEMPORAL_CLI' ? given : path.join(given, binary.name);
    if (await isExecutable(file)) return path.resolve(file); // Named on purpose: its version is its owner's business.
  }
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, binary.name);
    if (path.isAbsolute(file) && (await fits(binary, file))) return file;
  }
  const cached = path.join(cache, 'bin', binary.name);
  return (await fits(binary, cached)) ? cached : undefined;
}

/**
 * Builds one binary and puts it into the cache by a rename, so that nobody ever sees half of it.
 * @param {Binary} binary
 * @param {string} cache
 * @param {(detail: string) => void} say
 */
export async function buildBinary(binary, cache, say) {
  const bin = path.join(cache, 'bin');
  await mkdir(bin, { recursive: true });
  const next = path.join(bin, `.${binary.name}.${process.pid}`);
  let packages = 0;
  try {
    await work(
      'go',
      [
        'build',
        '-v',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        `-ldflags=${binary.ldflags}`,
        '-o',
        next,
        binary.package,
      ],
      {
        cwd: path.join(bootstrapDir, binary.module),
        env: { ...process.env, GOWORK: 'off', GOFLAGS: '' },
        onLine: (line) =>
          say(line.startsWith('go: downloading') ? line.slice(4) : `${(packages += 1)} packages compiled`),
        mend: 'Go fetches modules through GOPROXY; behind a company proxy set GOPROXY or HTTPS_PROXY and run this again',
      },
    );
    await rename(next, path.join(bin, binary.name));
  } finally {
    await rm(next, { force: true });
  }
}

/**
 * One folder that holds all binaries named by KUBEBUILDER_ASSETS: theirs when they share one, else a folder of
 * links in the cache, named by what it links to, so that two runs with different tools do not disturb each other.
 * @param {ReadonlyMap<string, string>} files by name
 * @param {string} cache
 */
export async function assetsFolder(files, cache) {
  const folders = new Set(
    [...files].map(([name, file]) => (path.basename(file) === name ? path.dirname(file) : file)),
  );
  const [only] = folders;
  if (folders.size === 1 && only !== undefined) return only;
  const digest = createHash('sha256')
    .update(JSON.stringify([...files]))
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(cache, `assets-${digest}`);
  await mkdir(folder, { recursive: true });
  for (const [name, file] of files) {
    const link = path.join(folder, name);
    if ((await readlink(link).catch(() => undefined)) === file) continue;
    await symlink(file, `${link}.${process.pid}`);
    await rename(`${link}.${process.pid}`, link);
  }
  return folder;
}

/**
 * @param {Binary} binary
 * @param {string} file
 */
async function fits(binary, file) {
  if (!(await isExecutable(file))) return false;
  return binary.fits.test((await ask(file, binary.version)) ?? '');
}

/** @param {string} file */
async function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

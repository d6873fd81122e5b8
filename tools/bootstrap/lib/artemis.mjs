/** Apache ActiveMQ Artemis, the broker: ARTEMIS_HOME, else the cache, else its pinned distribution by Maven. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fetchArtifact } from './maven.mjs';
import { BootstrapError, work } from './run.mjs';

export const artemis = {
  group: 'org.apache.artemis',
  id: 'apache-artemis',
  version: '2.56.0',
  type: 'tar.gz',
  classifier: 'bin',
};
/** As published beside the artifact. */
const sha512 =
  '441ad38aa1b0526e5709edf43542039f016669d24134056613e4cbafdf6b101e5351f79f7ee190b43fc8031f6ec596a5fd075490dcee4d3eb3a88d8ed2cfc01b';

/**
 * @param {string} cache
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} a distribution's folder
 */
export async function findArtemis(cache, env = process.env) {
  if (env.ARTEMIS_HOME && (await holdsServer(env.ARTEMIS_HOME))) return path.resolve(env.ARTEMIS_HOME);
  const cached = path.join(cache, 'artemis');
  const server = path.join(cached, `lib/artemis-server-${artemis.version}.jar`);
  return (await exists(server)) ? cached : undefined;
}

/**
 * @param {string} cache
 * @param {(detail: string) => void} say
 */
export async function installArtemis(cache, say) {
  const room = path.join(cache, `.artemis.${process.pid}`);
  try {
    const archive = await fetchArtifact(artemis, room, say);
    say('verifying');
    const digest = await digestOf(archive);
    if (digest !== sha512) {
      throw new BootstrapError(
        `${path.basename(archive)} is not the pinned file: SHA-512 ${digest}`,
        'a proxy or mirror gave something else; remove it from there (and from ~/.m2/repository) and run this again',
      );
    }
    say('unpacking');
    const unpacked = path.join(room, 'unpacked');
    await mkdir(unpacked);
    await work('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1']);
    const home = path.join(cache, 'artemis');
    await rename(home, path.join(room, 'old')).catch(() => undefined);
    await rename(unpacked, home);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** @param {string} home */
async function holdsServer(home) {
  const jars = await readdir(path.join(home, 'lib')).catch(() => []);
  return jars.some((jar) => /^artemis-server-\d.*\.jar$/.test(jar));
}

/** @param {string} file */
async function digestOf(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

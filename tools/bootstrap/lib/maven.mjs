/**
 * Fetches one artifact of a Maven repository: with the Maven client where there is one, else over https from
 * the mirror that the user's Maven settings name. The caller verifies the digest in both cases.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ask, BootstrapError, work } from './run.mjs';

const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const mend =
  'install Maven (Debian: apt-get install maven), or put the mirror you use into ~/.m2/settings.xml, or unpack the distribution yourself and set ARTEMIS_HOME to its folder';

/**
 * @typedef {object} Artifact
 * @property {string} group
 * @property {string} id
 * @property {string} version
 * @property {string} type file ending
 * @property {string} classifier
 */

/**
 * @param {Artifact} artifact
 * @param {string} folder where the file goes
 * @param {(detail: string) => void} say
 * @returns {Promise<string>} the file
 */
export async function fetchArtifact(artifact, folder, say) {
  await mkdir(folder, { recursive: true });
  const { group, id, version, type, classifier } = artifact;
  const file = path.join(folder, `${id}-${version}-${classifier}.${type}`);
  if ((await ask('mvn', ['--version'])) !== undefined) {
    const coordinates = [group, id, version, type, classifier].join(':');
    const args = ['-B', '-ntp', copyGoal, `-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`];
    await work('mvn', args, { cwd: folder, onLine: (line) => say(line.replace('[INFO] ', '')), mend });
    return file;
  }
  const settings = await readFile(path.join(homedir(), '.m2/settings.xml'), 'utf8').catch(() => '');
  const mirror = mirrorOf(settings);
  if (mirror === undefined) throw new BootstrapError('Maven, which fetches the broker, is missing', mend);
  await download(artifactUrl(artifact, mirror), file, say);
  return file;
}

/**
 * @param {Artifact} artifact
 * @param {string} repository
 */
export function artifactUrl({ group, id, version, type, classifier }, repository) {
  const base = repository.replace(/\/+$/, '');
  return `${base}/${group.replaceAll('.', '/')}/${id}/${version}/${id}-${version}-${classifier}.${type}`;
}

/**
 * The mirror for Maven Central in a settings.xml, as far as it is plain: first that names `central`, `*` or
 * `external:*`.
 * @param {string} settings
 * @returns {string | undefined}
 */
export function mirrorOf(settings) {
  const plain = settings.replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const [, body = ''] of plain.matchAll(/<mirror>([\s\S]*?)<\/mirror>/g)) {
    const of = (/<mirrorOf>\s*(.*?)\s*<\/mirrorOf>/.exec(body)?.[1] ?? '').split(/\s*,\s*/);
    const url = /<url>\s*(.*?)\s*<\/url>/.exec(body)?.[1];
    if (of.includes('!central') || url === undefined) continue;
    if (of.some((name) => name === 'central' || name === '*' || name === 'external:*')) return url;
  }
  return undefined;
}

const sizeLimit = 256 * 1024 * 1024;

/**
 * @param {string} url
 * @param {string} file
 * @param {(detail: string) => void} say
 */
export async function download(url, file, say) {
  const response = await fetch(url).catch((/** @type {Error} */ error) => {
    throw new BootstrapError(`${url}: ${causeOf(error)}`, mend);
  });
  if (!response.ok || response.body === null) {
    throw new BootstrapError(`${url}: the answer was ${response.status} ${response.statusText}`, mend);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  let done = 0;
  const counter = new Transform({
    transform(chunk, _encoding, next) {
      done += chunk.length;
      if (done > sizeLimit) return next(new BootstrapError(`${url}: larger than ${sizeLimit} bytes`, mend));
      say(`${megabytes(done)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB`);
      next(undefined, chunk);
    },
  });
  await pipeline(Readable.fromWeb(/** @type {any} */ (response.body)), counter, createWriteStream(file));
}

/** @param {Error} error */
function causeOf(error) {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}

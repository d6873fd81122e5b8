/** What is inside the broker's distribution: its jars, named by what Maven wrote into each of them. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** @typedef {{ file: string, group: string | undefined, name: string, version: string, sha512: string }} Jar */

/**
 * @param {string} home of Artemis
 * @returns {Promise<Jar[]>}
 */
export async function jarsOf(home) {
  const folder = path.join(home, 'lib');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jar')).sort();
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(path.join(folder, file));
      return { file, ...describeJar(file, bytes), sha512: createHash('sha512').update(bytes).digest('hex') };
    }),
  );
}

/**
 * A jar that holds others' classes has their properties too: its own are those that its name begins with.
 * @param {string} file
 * @param {Buffer} bytes
 * @returns {{ group: string | undefined, name: string, version: string }}
 */
export function describeJar(file, bytes) {
  const base = path.basename(file, '.jar');
  const [, name = base, version = 'unknown'] = /^(.+?)-(\d.*)$/.exec(base) ?? [];
  for (const text of entriesOf(bytes, /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/)) {
    const values = new Map(
      text.split(/\r?\n/).map((line) => /** @type {[string, string]} */ (line.split('=', 2))),
    );
    if (values.get('artifactId') !== name) continue;
    return { group: values.get('groupId'), name, version: values.get('version') ?? version };
  }
  return { group: undefined, name, version };
}

/**
 * Texts of a zip's entries by its central directory; Node reads none by itself.
 * @param {Buffer} zip
 * @param {RegExp} wanted
 */
function entriesOf(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end === -1) return [];
  const texts = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const header = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    if (wanted.test(name)) {
      const begin = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const data = zip.subarray(begin, begin + size);
      texts.push((method === 8 ? inflateRawSync(data) : data).toString('utf8'));
    }
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return texts;
}

import { createReadStream, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { kindNames, kindRef } from '@samband/resources';
import type { Stage } from './stage.js';

/** Where the store itself keeps its objects, and what its owner is given to log in with. */
const vaults = [/^etcd\//, /^stack\.env$/, /^pki\//, /^[^/]*kubeconfig[^/]*$/];

/** Names of workflows are no secret: where they are not found, the search itself is at fault. */
const plain = 'addressspace/';

/**
 * Looks for every secret of the stage, in clear and in base64, where none may be: files of the stack (logs,
 * Temporal's database, brokers), statuses, Rollouts, Events.
 *
 * @returns one line per find, without the secret
 */
export async function findLeaks(stage: Stage): Promise<string[]> {
  const needles = [...stage.secrets].flatMap(([text, what]) => [
    { bytes: Buffer.from(text), what },
    {
      bytes: Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '')),
      what: `${what}, in base64`,
    },
  ]);
  const found: string[] = [];
  let sighted = false;
  for (const file of filesBelow(stage.stateDir)) {
    if (vaults.some((vault) => vault.test(file))) continue;
    const names = { bytes: Buffer.from(plain), what: plain };
    for (const what of await search(path.join(stage.stateDir, file), [...needles, names])) {
      if (what !== plain) found.push(`${file}: ${what}`);
      else sighted ||= file.startsWith('temporal.db');
    }
  }
  if (!sighted)
    throw new Error('the search did not even find the names of workflows in the database of Temporal');
  for (const { place, text } of await shownObjects(stage)) {
    const bytes = Buffer.from(text);
    for (const needle of needles) if (bytes.includes(needle.bytes)) found.push(`${place}: ${needle.what}`);
  }
  return found;
}

interface Needle {
  readonly bytes: Buffer;
  readonly what: string;
}

/** Reads in pieces that overlap by the longest needle: a database may be large. */
async function search(file: string, needles: readonly Needle[]): Promise<Set<string>> {
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length));
  const found = new Set<string>();
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const piece = Buffer.concat([rest, chunk as Buffer]);
    for (const { bytes, what } of needles) if (piece.includes(bytes)) found.add(what);
    rest = piece.subarray(Math.max(0, piece.length - overlap));
  }
  return found;
}

/** What people see of objects: of users and Secrets not what they hold, that is where secrets belong. */
async function shownObjects({ kube }: Stage): Promise<{ place: string; text: string }[]> {
  const ours = await Promise.all(kindNames.map(async (kind) => (await kube.store.list(kindRef(kind))).items));
  const others = await Promise.all([kube.list('Event'), kube.list('ConfigMap')]);
  return [...ours.flat(), ...others.flat()].map((object) => ({
    place: `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
    text: JSON.stringify(object.kind === 'MessagingUser' ? { status: object['status'] } : object),
  }));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile(),
  );
}

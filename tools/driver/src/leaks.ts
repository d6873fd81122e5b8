import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { kindNames, kindRef } from '@samband/resources';
import type { Stage } from './stage.js';

/** Where the store itself keeps its objects, and what its owner is given to log in with. */
const vaults = [/^etcd\//, /^stack\.env$/, /^pki\//, /^[^/]*kubeconfig[^/]*$/];

/** Names of workflows are no secret: where they are not found, the search itself is at fault. */
const plain = 'addressspace/';

/**
 * Looks for every secret of the stage, in clear and in base64, where none may be: files of the stack (logs,
 * Temporal's database with histories and search attributes, brokers), statuses, Rollouts, Events, metrics, and
 * what the API answers, refusals included.
 *
 * @returns one line per find, without the secret
 */
export async function findLeaks(stage: Stage): Promise<string[]> {
  const needles = [...stage.secrets].flatMap(([text, what]) => [
    { bytes: Buffer.from(text), what },
    ...inBase64(text).map((form) => ({ bytes: Buffer.from(form), what: `${what}, in base64` })),
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
  const shown = await Promise.all([shownObjects(stage), metrics(stage), answers(stage)]);
  for (const { place, text } of shown.flat()) {
    const bytes = Buffer.from(text);
    for (const needle of needles) if (bytes.includes(needle.bytes)) found.push(`${place}: ${needle.what}`);
  }
  return found;
}

/** As it looks behind 0, 1 or 2 other bytes (a user name, say), without the digits that depend on its neighbours. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const isWhole = (before + bytes.length) % 3 === 0;
    return digits.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1);
  });
}

interface Text {
  readonly place: string;
  readonly text: string;
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
async function shownObjects({ kube }: Stage): Promise<Text[]> {
  const ours = await Promise.all(kindNames.map(async (kind) => (await kube.store.list(kindRef(kind))).items));
  const others = await Promise.all([kube.list('Event'), kube.list('ConfigMap')]);
  return [...ours.flat(), ...others.flat()].map((object) => ({
    place: `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
    text: JSON.stringify(object.kind === 'MessagingUser' ? { status: object['status'] } : object),
  }));
}

/** What anybody who may scrape sees of each process. */
async function metrics({ stack, stateDir }: Stage): Promise<Text[]> {
  const ports = JSON.parse(readFileSync(path.join(stateDir, 'ports.json'), 'utf8')) as Record<string, number>;
  const local = (port: string): string => `http://127.0.0.1:${ports[port] ?? 0}`;
  const urls = [stack.env.SAMBAND_API, local('workerMetrics'), local('controllerMetrics')];
  return Promise.all(
    urls.map(async (url) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      if (!text.includes('process_cpu_seconds_total')) throw new Error(`there are no metrics at ${url}`);
      return { place: `${url}/metrics`, text };
    }),
  );
}

/** What the API tells: who may see everything, and who comes with each secret to the wrong place. */
async function answers({ kube, secrets, stack }: Stage): Promise<Text[]> {
  const sources = (await kube.store.list(kindRef('GitSource'))).items;
  const paths = sources.flatMap(({ metadata: { namespace = '', name } }) => [
    `/api/v1/namespaces/${namespace}/sources/${name}`,
    `/api/v1/namespaces/${namespace}/rollouts`,
  ]);
  const ask = async (where: string, init: RequestInit): Promise<Text> => ({
    place: `${init.method ?? 'GET'} ${where}`,
    text: await (await fetch(`${stack.env.SAMBAND_API}${where}`, init)).text(),
  });
  const operator = { authorization: `Bearer ${stack.env.SAMBAND_TOKEN}` };
  const seen = await Promise.all(paths.map((where) => ask(where, { headers: operator })));
  const [first] = paths;
  const refused: Text[] = [];
  for (const secret of secrets.keys()) {
    if (!/^[\x21-\x7e]+$/.test(secret)) continue;
    const body = JSON.stringify({ ref: secret, password: secret });
    const headers = { authorization: `Bearer ${secret}`, 'x-hub-signature-256': `sha256=${secret}` };
    refused.push(await ask('/webhooks/no/such', { method: 'POST', headers, body }));
    if (first !== undefined) refused.push(await ask(first, { headers }));
  }
  // A token of a team that may look gets an answer; it must not hold the token either.
  return [...seen, ...refused];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile(),
  );
}

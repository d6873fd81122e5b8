import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressSpaceSchema, type ResourceStore, type Rollout } from '@samband/resources';
import { repository as samband } from '../stack.js';
import { connectClient, type Client } from './client.js';
import type { Narrator } from './narrator.js';
import { createRepository, type Repository } from './repository.js';
import { explain, followRollout } from './rollouts.js';
import { differences, takeSnapshot, type Snapshot } from './snapshot.js';
import { clearStage, declareSource, opsSource, teamNamespace, teamSource, type Source } from './sources.js';
import { address } from './texts.js';
import { postPush } from './webhook.js';

const names = { configMap: 'messaging-config', credentials: 'app-credentials' };
const left = ['parcel 1', 'parcel 2', 'parcel 3'];

export interface StoryOptions {
  readonly store: ResourceStore;
  readonly api: string;
  /** Folder for the repositories. */
  readonly folder: string;
  readonly narrator: Narrator;
}

/** The whole story. Returns when all of it happened; throws at the first thing that did not. */
export async function tellStory({ store, api, folder, narrator }: StoryOptions): Promise<void> {
  const clearing = Date.now();
  if (await clearStage(store)) narrator.say('what an earlier demo left is removed', clearing);

  narrator.chapter('Operators say what teams can order');
  const ops = await open(store, api, folder, 'ops', opsSource, narrator);
  await rollOut(store, ops, 'Offer small brokered address spaces', 'Succeeded', narrator);

  narrator.chapter('A team orders messaging');
  const team = await open(store, api, folder, 'team', teamSource, narrator);
  await rollOut(store, team, 'Order messaging for the shop', 'Succeeded', narrator);

  narrator.chapter('The application uses it');
  const client = await connect(store, narrator);
  await exchange(client, 'orders', narrator);
  const sending = Date.now();
  await client.send('returns', left);
  await client.send('claims', left);
  narrator.say(`${left.length} messages each sent to returns and claims, and left there`, sending);

  narrator.chapter(
    'A second commit adds shipments, and removes invoices (empty), returns and claims (with messages)',
  );
  await team.repository.write('addresses/shipments.yaml', address('shipments', 'queue', 'demo-queue'));
  await team.repository.remove('addresses/invoices.yaml');
  await team.repository.remove('addresses/returns.yaml');
  await team.repository.remove('addresses/claims.yaml');
  await rollOut(store, team, 'Ship parcels, forget invoices, returns and claims', 'Succeeded', narrator);
  await exchange(client, 'shipments', narrator);
  for (const gone of ['invoices', 'returns', 'claims']) await refuses(client, gone, narrator);
  await parked(store, ['claims', 'returns'], narrator);

  narrator.chapter('A third commit brings returns back');
  await team.repository.write('addresses/returns.yaml', address('returns', 'queue', 'demo-queue'));
  await rollOut(store, team, 'Take returns after all', 'Succeeded', narrator);
  const receiving = Date.now();
  same(await client.receive('returns', left.length), left, 'messages of returns');
  narrator.say(`the ${left.length} messages that returns held are received`, receiving);
  await parked(store, ['claims'], narrator);

  narrator.chapter(
    'A fourth commit fails half-way: it brings claims back as a topic, but messages are in its queue',
  );
  await client.send('orders', left);
  const before = await snapshot(store);
  await team.repository.write('addresses/audit.yaml', address('audit', 'queue', 'demo-queue'));
  await team.repository.write('addresses/orders.yaml', address('orders', 'queue', 'demo-short-queue'));
  await team.repository.write('addresses/claims.yaml', address('claims', 'topic', 'demo-topic'));
  const failed = await rollOut(store, team, 'Audit orders, publish claims', 'RolledBack', narrator);
  failedHalfWay(failed);
  await asBefore(store, before, narrator);
  same(await client.receive('orders', left.length), left, 'messages of orders');
  narrator.say('the messages in orders are all there');
  for (const gone of ['audit', 'claims']) await refuses(client, gone, narrator);
  await parked(store, ['claims'], narrator);
  await exchange(client, 'shipments', narrator);
  await client.close();
}

interface Opened {
  readonly repository: Repository;
  readonly source: Source;
}

async function open(
  store: ResourceStore,
  api: string,
  folder: string,
  name: 'ops' | 'team',
  which: typeof opsSource,
  narrator: Narrator,
): Promise<Opened> {
  const began = Date.now();
  const repository = await createRepository(folder, name, path.join(samband, 'examples', name));
  const source = await declareSource(store, api, which, repository);
  narrator.say(`repository of examples/${name} and GitSource ${source.namespace}/${source.name} made`, began);
  return { repository, source };
}

/** Pushes, posts the webhook, follows the rollout, and insists on how it ends. */
async function rollOut(
  store: ResourceStore,
  { repository, source }: Opened,
  message: string,
  expected: 'Succeeded' | 'RolledBack',
  narrator: Narrator,
): Promise<Rollout> {
  const began = Date.now();
  const push = await repository.push(message);
  narrator.say(`commit ${push.after.slice(0, 12)} pushed: ${message}`, began);
  const posted = Date.now();
  await postPush(source.hook, source.secret, repository, push);
  narrator.say('webhook signed, posted, accepted', posted);
  const rollout = await followRollout(store, source.namespace, push.after, narrator);
  const phase = rollout.status?.phase ?? 'without a phase';
  if (phase !== expected) throw new Error(`expected ${expected}, but ${explain(rollout)}`);
  narrator.say(`rollout ${rollout.metadata.name}: ${phase}`, began);
  return rollout;
}

async function connect(store: ResourceStore, narrator: Narrator): Promise<Client> {
  const began = Date.now();
  const client = await connectClient(store, teamNamespace, names);
  narrator.say(
    `client connected to ${client.endpoint} over TLS, all of it from ConfigMap ${names.configMap}`,
    began,
  );
  return client;
}

async function exchange(client: Client, address: string, narrator: Narrator): Promise<void> {
  const began = Date.now();
  const bodies = [`first for ${address}`, `second for ${address}`];
  await client.send(address, bodies);
  same(await client.receive(address, bodies.length), bodies, `messages of ${address}`);
  narrator.say(`${bodies.length} messages sent to ${address} and received`, began);
}

async function refuses(client: Client, address: string, narrator: Narrator): Promise<void> {
  if (await client.mayReceive(address)) throw new Error(`the broker lets clients attach to ${address}`);
  narrator.say(`nobody may attach to ${address}`);
}

/** The space says which queues it keeps, and how many messages they hold. */
async function parked(store: ResourceStore, addresses: readonly string[], narrator: Narrator): Promise<void> {
  const ref = {
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'AddressSpace',
    namespace: teamNamespace,
    name: 'shop',
  };
  const space = addressSpaceSchema.parse(await store.get(ref));
  const queues = (space.status?.parkedAddresses ?? []).map(
    ({ address: name, messages }) => `${name}: ${messages}`,
  );
  const wanted = addresses.map((name) => `${name}: ${left.length}`);
  same(queues.sort(), wanted, 'parked queues');
  narrator.say(`parked, with ${left.length} messages each: ${addresses.join(', ')}`);
}

function failedHalfWay(rollout: Rollout): void {
  const steps = rollout.status?.steps ?? [];
  const applied = steps.some(({ name, phase }) => name === 'apply' && phase === 'Succeeded');
  if (!applied) throw new Error(`it failed before anything was applied:\n${explain(rollout)}`);
}

function snapshot(store: ResourceStore): Promise<Snapshot> {
  // What rollouts keep for themselves is no part of the team's messaging.
  return takeSnapshot(
    store,
    teamNamespace,
    ({ type }) => typeof type === 'string' && type.startsWith('samband.dev/'),
  );
}

async function asBefore(store: ResourceStore, before: Snapshot, narrator: Narrator): Promise<void> {
  const began = Date.now();
  for (;;) {
    const found = differences(before, await snapshot(store));
    if (found.length === 0) break;
    if (Date.now() - began > 15_000) throw new Error(['not as it was:', ...found].join('\n  '));
    await sleep(200);
  }
  narrator.say(`all ${before.size} objects of the team are as they were`, began);
}

function same(found: readonly string[], wanted: readonly string[], what: string): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

import { address, exportRole, inline, space, user, type Files } from '@samband/driver';
import type { RolloutPhase } from '@samband/resources';
import { spaceName, type Tenant } from '../scenario.js';
import type { Point } from './points.js';

/** What a team pushes and what becomes of it, disturbed or not. */
export interface Story {
  readonly name: 'first rollout' | 'update' | 'rollback';
  readonly ends: RolloutPhase;
  /** Steps at which it can be hit. */
  readonly points: readonly Point[];
  files(tenant: Tenant): Files;
  /** What the team's applications do when it is over. */
  afterwards(tenant: Tenant): Promise<void>;
}

const forward: readonly Point[] = ['checkout', 'plan', 'apply', 'wait', 'probe', 'commit', 'prune'];
const ofSpace: readonly Point[] = [
  'space broker',
  'space addresses',
  'space users',
  'space probe',
  'space exports',
];

/** Messages that are in queues while everything is broken around them. */
export const kept: Readonly<Record<string, readonly string[]>> = {
  store: ['store 1', 'store 2'],
  old: ['old 1', 'old 2', 'old 3'],
};

const queue = (name: string, more: Readonly<Record<string, unknown>> = {}): string =>
  address(spaceName, name, more);

/** A space with its addresses and its user, from nothing. */
const first: Story = {
  name: 'first rollout',
  ends: 'Succeeded',
  points: [...forward, ...ofSpace],
  files: ({ login }) => ({
    'space.yaml': space(spaceName),
    'exports.yaml': exportRole(),
    'app.yaml': user(spaceName, 'app', inline(login.password)),
    'orders.yaml': queue('orders'),
    'store.yaml': queue('store'),
    'old.yaml': queue('old'),
    'empty.yaml': queue('empty'),
    'news.yaml': queue('news', { type: 'topic' }),
  }),
  async afterwards({ team, login }) {
    const client = await team.connectSoon(login);
    for (const [name, bodies] of Object.entries(kept)) await client.send(name, ...bodies);
    await client.close();
  },
};

/** Adds, changes and removes; of what it removes, one queue holds messages and is parked. */
const update: Story = {
  name: 'update',
  ends: 'Succeeded',
  points: [...forward, ...ofSpace],
  files: ({ login }) => ({
    'added.yaml': queue('added'),
    'second.yaml': user(spaceName, 'second', inline(login.password), [[['send'], ['added']]]),
    'orders.yaml': queue('orders', { plan: 'tiny-short-queue' }),
    'old.yaml': undefined,
    'empty.yaml': undefined,
  }),
  afterwards: () => Promise.resolve(),
};

/** Adds and changes, and fails at its step `wait`: what is parked as a queue cannot come back as a topic. */
const rollback: Story = {
  name: 'rollback',
  ends: 'RolledBack',
  points: ['checkout', 'plan', 'apply', 'wait', 'restore', 'await-restored', ...ofSpace],
  files: () => ({
    'audit.yaml': queue('audit'),
    'orders.yaml': queue('orders'),
    'old.yaml': queue('old', { type: 'topic' }),
    'temp.yaml': user(spaceName, 'temp', { generateSecret: { name: 'temp-credentials' } }),
  }),
  afterwards: () => Promise.resolve(),
};

/** In the order in which each team goes through them. */
export const stories: readonly Story[] = [first, update, rollback];

/** Brings back what was parked, to see that it kept its messages. */
export const lastFiles: Files = {
  'old.yaml': queue('old'),
  'audit.yaml': undefined,
  'temp.yaml': undefined,
};

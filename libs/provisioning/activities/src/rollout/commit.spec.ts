import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf, type GitSource } from '@samband/resources';
import { aGitSource } from '@samband/testing';
import { readLastGood } from './live.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

describe('a rollout that passed its commit point after the clock was put back', () => {
  let world: RolloutWorld;
  let second: EntityRef;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    await world.rollOut([aMap('one', { a: '1' })]);
    world.now = new Date(world.now.getTime() - 3_600_000);
    second = await world.rollOut([aMap('one', { a: '2' })]);
  });

  it('is the last good one', async () => {
    const source = (await world.get(refOf(aGitSource()))) as GitSource;
    expect(await readLastGood(world.ports(), source)).toMatchObject({ rollout: second.name });
  });

  it('keeps its snapshots when the next one passes its own', async () => {
    const third = await world.rollOut([aMap('one', { a: '3' })]);
    const secrets = await world.memory.store.list(
      { apiVersion: 'v1', kind: 'Secret' },
      { namespace: 'team', labelSelector: 'samband.dev/rollout' },
    );
    const owners = secrets.items.map(({ metadata }) => metadata.labels?.['samband.dev/rollout']);
    expect(new Set(owners)).toEqual(new Set([second.name, third.name]));
  });
});

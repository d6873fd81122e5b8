import { describe, expect, it } from '@jest/globals';
import { addressSpaceKind } from '@samband/resources';
import {
  applied,
  catalogYaml,
  documentsOf,
  inventoryOf,
  liveOf,
  owner,
  queue,
  space,
} from './example.fixtures.js';
import { buildEndState } from './end-state.js';
import { judgeQuota } from './judge-quota.js';
import type { RemovalInput } from './ownership.js';

const another = { source: 'another', sourceNamespace: 'team1' };
const ready = { status: { isReady: true } };

const judge = (text: string, changed: Partial<RemovalInput> = {}): string[] => {
  const documents = documentsOf(text);
  const live = liveOf(catalogYaml);
  const end = buildEndState({
    documents,
    live,
    inventory: inventoryOf(changed.live ?? live),
    owner,
    prune: true,
    ...changed,
  });
  return judgeQuota(documents, end).map(({ code, line, resource }) => `${code}:${line} ${resource}`);
};

const queues = (...names: string[]): string => names.map((name) => queue(name)).join('');
const liveQueues = (by: typeof owner, ...names: string[]) =>
  documentsOf(queues(...names)).map(({ object }) => applied(object, by, ready));

describe('the quota of a space whose plan allows three queues', () => {
  it('is kept by three', () => {
    expect(judge(space() + queues('app.a', 'app.b', 'app.c'))).toEqual([]);
  });

  it('names the address that does not fit at its plan', () => {
    expect(judge(space() + queues('app.a', 'app.b', 'app.c', 'app.d'))).toEqual([
      'QUOTA_EXCEEDED:41 Address team1/app.d',
    ]);
  });

  it('counts addresses of other sources, which go first', () => {
    const live = liveOf(catalogYaml, space(), liveQueues(another, 'app.x', 'app.y'));
    expect(judge(queues('app.a', 'app.b'), { live })).toEqual(['QUOTA_EXCEEDED:18 Address team1/app.b']);
  });

  it('does not count what the commit removes, where there is room for both until it is gone', () => {
    const live = liveOf(catalogYaml, space(), liveQueues(owner, 'app.x', 'app.y'));
    expect(judge(queues('app.a'), { live })).toEqual([]);
    expect(judge(queues('app.a', 'app.b'), { live, prune: false })).toHaveLength(1);
  });

  it('says to remove first where there is none, since what is removed stays until all else works', () => {
    const live = liveOf(catalogYaml, space(), liveQueues(owner, 'app.x', 'app.y', 'app.z'));
    const documents = documentsOf(queues('app.x', 'app.y', 'app.a'));
    const end = buildEndState({ documents, live, inventory: inventoryOf(live), owner, prune: true });
    expect(judgeQuota(documents, end)).toMatchObject([
      {
        code: 'QUOTA_EXCEEDED',
        resource: 'Address team1/app.a',
        message: expect.stringContaining('remove them with a commit of their own first'),
      },
    ]);
  });

  it('is not broken by addresses that are in force already', () => {
    const live = liveOf(catalogYaml, space(), liveQueues(owner, 'app.c', 'app.d'));
    expect(judge(queues('app.a', 'app.b', 'app.c', 'app.d'), { live })).toEqual([
      'QUOTA_EXCEEDED:18 Address team1/app.b',
    ]);
  });

  it('is broken by the space itself when it takes a plan that is too small for what is there', () => {
    const live = liveOf(catalogYaml, liveQueues(another, 'app.w', 'app.x', 'app.y', 'app.z'));
    expect(judge(space(), { live })).toEqual([`QUOTA_EXCEEDED:5 ${addressSpaceKind.kind} team1/app`]);
  });

  it('is each space’s own, and that of spaces without a usable plan is not judged', () => {
    expect(judge(space() + space('two') + queues('app.a', 'app.b', 'two.a', 'two.b'))).toEqual([]);
    expect(
      judge(space('app', '{type: brokered, plan: nope}') + queues('app.a', 'app.b', 'app.c', 'app.d')),
    ).toEqual([]);
  });
});

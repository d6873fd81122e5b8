import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Problem } from '@samband/gitops';
import { parseObject, refOf, type Rollout } from '@samband/resources';
import { aRollout, createMemoryStore, type MemoryStore } from '@samband/testing';
import { addProblems, firstFailure, reportProblems } from './problems.js';

const problem = (index: number, fields: Partial<Problem> = {}): Problem => ({
  file: 'a.yaml',
  line: 1,
  resource: `ConfigMap team/m${index}`,
  code: 'CONFLICT',
  message: 'why',
  ...fields,
});
const many = (count: number): Problem[] => Array.from({ length: count }, (_, index) => problem(index));

describe('the problems of a rollout', () => {
  let memory: MemoryStore;
  beforeEach(async () => {
    memory = createMemoryStore({ namespaces: ['team'] });
    await memory.store.create(aRollout());
  });
  const live = async (): Promise<Rollout> => (await memory.store.get(refOf(aRollout()))) as Rollout;

  it('are a hundred at most, the rest is counted, whatever comes on top', async () => {
    await reportProblems(memory.store, await live(), many(130));
    expect((await live()).status).toMatchObject({ problemsOmitted: 30 });
    await addProblems(memory.store, await live(), [problem(1_000), problem(1)]);
    const { problems, problemsOmitted } = (await live()).status ?? {};
    expect(problems).toHaveLength(100);
    expect(problems?.slice(0, 2).map(({ resource }) => resource)).toEqual([
      'ConfigMap team/m1000',
      'ConfigMap team/m1',
    ]);
    expect(problemsOmitted).toBe(31);
  });

  it('fit into the status, however long they are', async () => {
    const long = 'x'.repeat(50_000);
    await reportProblems(memory.store, await live(), [
      { file: long, line: 1, resource: long, code: long, message: long },
    ]);
    expect(parseObject('Rollout', await live())).toMatchObject({ ok: true });
  });

  it('are told in a failure by the first of them, which is named once', () => {
    expect(firstFailure(many(3))).toMatchObject({
      code: 'CONFLICT',
      message: 'ConfigMap team/m0: why (and 2 more)',
    });
    const named = problem(0, { message: 'ConfigMap team/m0: forbidden', code: 'KUBERNETES_FORBIDDEN' });
    expect(firstFailure([named])).toMatchObject({ message: 'ConfigMap team/m0: forbidden' });
  });
});

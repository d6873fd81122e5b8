import { expect, it } from '@jest/globals';
import { countFaults, table } from './table.js';

it('has a line for each thing that was broken, its end cut to one line', () => {
  const finding = { what: 'kill -9 of etcd', step: 'plan', end: 'as undisturbed\nand more', seconds: 1.25 };
  const scenario = { group: 'kill', name: 'etcd' } as const;
  const lines = table([{ scenario, survived: true, findings: [finding, finding] }]).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toBe('kill   kill -9 of etcd  plan    as undisturbed  1.3');
});

it('counts what was broken, and no rollout that was not hit', () => {
  const hit = { what: 'kill -9 of etcd', step: 'plan', end: 'as undisturbed', seconds: 1 };
  const spared = { ...hit, step: 'not hit', undisturbed: true } as const;
  expect(countFaults([{ findings: [hit, spared] }, { findings: [hit] }])).toBe(2);
});

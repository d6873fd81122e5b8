import { expect, it } from '@jest/globals';
import { table } from './table.js';

it('has a line for each thing that was broken, its end cut to one line', () => {
  const finding = { what: 'kill -9 of etcd', step: 'plan', end: 'as undisturbed\nand more', seconds: 1.25 };
  const scenario = { group: 'kill', name: 'etcd' } as const;
  const lines = table([{ scenario, survived: true, findings: [finding, finding] }]).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toBe('kill   kill -9 of etcd  plan    as undisturbed  1.3');
});

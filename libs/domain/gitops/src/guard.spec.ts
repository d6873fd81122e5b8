import { describe, expect, it } from '@jest/globals';
import type { ObjectRef } from '@samband/resources';
import { askForConfirmation, judgeRemovals, type GuardLimits } from './guard.js';

const groups: Record<string, string> = {
  AddressSpace: 'enmasse.io/v1beta1',
  Address: 'enmasse.io/v1beta1',
  MessagingUser: 'user.enmasse.io/v1beta1',
  GitSource: 'samband.dev/v1alpha1',
  AddressPlan: 'admin.enmasse.io/v1beta2',
  Role: 'rbac.authorization.k8s.io/v1',
};

/** `Kind name` each. */
function refs(...texts: readonly string[]): ObjectRef[] {
  return texts.map((text) => {
    const [kind = '', name = ''] = text.split(' ');
    return { apiVersion: groups[kind] ?? 'v1', kind, namespace: 'team', name };
  });
}

const many = (kind: string, count: number): ObjectRef[] =>
  refs(...Array.from({ length: count }, (_, index) => `${kind} app.a${index}`));

const space = refs('AddressSpace app', 'Address app.orders', 'MessagingUser app.bob', 'Role exports');

describe('what a commit removes is asked about', () => {
  it.each<[string, ObjectRef[], ObjectRef[], GuardLimits, string[]]>([
    ['an emptied file', space, [], {}, ['everything that the source has brought']],
    [
      'all but a Role',
      space.slice(0, 3),
      refs('Role exports'),
      {},
      ['everything for messaging that the source has brought'],
    ],
    [
      'its only space, though plans stay',
      refs('AddressSpace app', 'Address app.orders'),
      refs('AddressPlan queue'),
      {},
      ['every AddressSpace of the source'],
    ],
    [
      'a namespace, whatever is in it',
      refs('Namespace team2'),
      space,
      {},
      ['all that belongs to 1 Namespace (team/team2)'],
    ],
    [
      'a source of its own, with what that has brought',
      refs('GitSource child'),
      space,
      {},
      ['all that belongs to 1 GitSource (team/child)'],
    ],
    [
      'more than may go',
      many('Address', 6),
      space,
      { maxRemovals: 5 },
      ['6 objects, where spec.guard.maxRemovals is 5'],
    ],
    [
      'a greater part than may go',
      many('Address', 5),
      space,
      { maxRemovalPercent: 50 },
      ['5 of its 9 objects, where spec.guard.maxRemovalPercent is 50'],
    ],
    [
      'anything, where nothing may go',
      many('Address', 1),
      space,
      { maxRemovals: 0 },
      ['1 objects, where spec.guard.maxRemovals is 0'],
    ],
    [
      'everything, also where that many may go',
      space,
      [],
      { maxRemovals: 10 },
      ['everything that the source has brought'],
    ],
    [
      'too many, also where even everything may go',
      space,
      [],
      { maxRemovals: 3, maxRemovalPercent: 100 },
      ['4 objects, where spec.guard.maxRemovals is 3'],
    ],
  ])('%s', (_, removals, kept, limits, reasons) => {
    expect(judgeRemovals({ removals, kept }, limits)).toEqual(reasons);
  });

  it.each<[string, ObjectRef[], ObjectRef[], GuardLimits]>([
    ['a first commit', [], [], { maxRemovals: 0, maxRemovalPercent: 0 }],
    ['most addresses, but not the space', many('Address', 100), refs('AddressSpace app'), {}],
    ['one of two spaces', refs('AddressSpace app'), refs('AddressSpace web'), {}],
    ['as many as may go', many('Address', 5), refs('AddressSpace app'), { maxRemovals: 5 }],
    ['as great a part as may go', many('Address', 4), space, { maxRemovalPercent: 50 }],
    ['everything, where that may go', space, [], { maxRemovalPercent: 100 }],
    ['some ConfigMaps of a source that has no others', refs('ConfigMap a'), refs('ConfigMap b'), {}],
  ])('but not %s', (_, removals, kept, limits) => {
    expect(judgeRemovals({ removals, kept }, limits)).toEqual([]);
  });
});

describe('the question', () => {
  const asked = {
    reasons: ['everything that the source has brought'],
    removals: space,
    owner: { source: 'messaging', sourceNamespace: 'team' },
    rollout: 'messaging-0123456789ab-1',
    digest: 'd1',
    confirmed: undefined,
  };

  it('says why, what by kind and name, and the very command', () => {
    expect(askForConfirmation(asked)).toBe(
      'this commit would remove everything that the source has brought. Nothing was changed. ' +
        'If it is meant: kubectl annotate rollout messaging-0123456789ab-1 -n team samband.dev/confirm=d1 --overwrite. ' +
        'If not, push a commit that holds what is missing: it takes over at once. ' +
        'To be removed: 1 AddressSpace (app), 1 Address (app.orders), 1 MessagingUser (app.bob), 1 Role (exports).',
    );
  });

  it('stays short, whatever is removed, and is one line', () => {
    const kinds = Array.from({ length: 50 }, (_, index) => ({
      apiVersion: 'example.org/v1',
      kind: `Kind${index}`,
      name: `\u202e${'x'.repeat(250)}`,
    }));
    const text = askForConfirmation({ ...asked, removals: [...many('Address', 10_000), ...kinds] });
    expect(text).toContain('10000 Address (app.a0, app.a1, app.a2, …)');
    expect(text).toContain('and 39 other kinds');
    expect(text.length).toBeLessThan(2_000);
    expect(text).not.toMatch(/[\n\u202e]/);
  });

  it('says that what was confirmed has changed, and what else is to be known', () => {
    const text = askForConfirmation({ ...asked, confirmed: 'd0', notes: ['3 messages would be lost.'] });
    expect(text).toContain('What was confirmed ("d0") is not this plan, which has changed since.');
    expect(text).toContain('3 messages would be lost. If it is meant: kubectl');
  });
});

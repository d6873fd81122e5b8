import { describe, expect, it } from '@jest/globals';
import {
  applied,
  catalogYaml,
  configMap,
  documentsOf,
  liveOf,
  owner,
  space,
  user,
} from './example.fixtures.js';
import { codes, context, messages } from './validate.fixtures.js';
import { planChanges } from './plan-changes.js';

const exporting = (name: string, target: string, kind = 'ConfigMap'): string =>
  space(
    name,
    `{type: brokered, plan: small, endpoints: [{name: m, service: messaging, exports: [{kind: ${kind}, name: ${target}}]}]}`,
  );
const generating = (name: string, username: string, secret: string): string =>
  `${user(name, username)}    generateSecret: {name: ${secret}}\n`;
const secret = (name: string, namespace = 'team1'): string =>
  `---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nstringData: {password: x}\n`;
const found = (text: string, live = liveOf(catalogYaml)): string[] => codes(text, { live }).sort();
const ownedBy = (kind: string, apiVersion: string): ReturnType<typeof liveOf> => {
  const object = documentsOf(configMap('config'))[0]!.object;
  const ownerReferences = [{ apiVersion, kind, name: 'app', uid: 'u', controller: true }];
  return liveOf(catalogYaml, [{ ...object, metadata: { ...object.metadata, ownerReferences } }]);
};

describe('objects that spaces and users write themselves', () => {
  it.each<[string, string, string[]]>([
    [
      'a declared ConfigMap that a space exports',
      exporting('app', 'config') + configMap('config'),
      ['OBJECT_WRITTEN_ELSEWHERE:10'],
    ],
    [
      'a declared Secret that a space exports',
      exporting('app', 'config', 'Secret') + secret('config'),
      ['OBJECT_WRITTEN_ELSEWHERE:10'],
    ],
    [
      'a declared Secret that a password is generated into',
      space() + generating('app.bob', 'bob', 'login') + secret('login'),
      ['OBJECT_WRITTEN_ELSEWHERE:20'],
    ],
    [
      'a declared Secret that a password is generated into by default',
      space() + user('app.bob', 'bob') + secret('app.bob-credentials'),
      ['OBJECT_WRITTEN_ELSEWHERE:19'],
    ],
    [
      'two spaces that export one ConfigMap, both of them',
      exporting('app', 'config') + exporting('web', 'config'),
      ['OBJECT_WRITTEN_ELSEWHERE:10', 'OBJECT_WRITTEN_ELSEWHERE:5'],
    ],
    [
      'a space and a user that write one Secret, both of them',
      exporting('app', 'login', 'Secret') + generating('app.bob', 'bob', 'login'),
      ['OBJECT_WRITTEN_ELSEWHERE:15', 'OBJECT_WRITTEN_ELSEWHERE:5'],
    ],
    [
      'two users whose passwords are generated into one Secret, both of them',
      space() + generating('app.a', 'a', 'login') + generating('app.b', 'b', 'login'),
      ['OBJECT_WRITTEN_ELSEWHERE:15', 'OBJECT_WRITTEN_ELSEWHERE:25'],
    ],
  ])('refuses %s', (_what, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['another kind of that name', exporting('app', 'config', 'Secret') + configMap('config')],
    ['that name in another namespace', exporting('app', 'config') + configMap('config\n  namespace: other')],
    [
      'a Secret that a user reads its password from',
      `${space()}${user('app.bob', 'bob')}    passwordSecretRef: {name: app.bob-credentials}\n${secret('app.bob-credentials')}`,
    ],
  ])('takes %s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  it('names the other writer, where it stands, and what to do', () => {
    expect(messages(exporting('app', 'config') + configMap('config'))).toBe(
      'ConfigMap "config" is written by AddressSpace "app" (a.yaml:2): take it out of the commit, or let that one name another object',
    );
  });

  it('knows the writers that are there already', () => {
    const live = liveOf(catalogYaml, exporting('app', 'config'));
    expect(found(configMap('config'), live)).toEqual(['OBJECT_WRITTEN_ELSEWHERE:5']);
    expect(found(exporting('web', 'config'), live)).toEqual(['OBJECT_WRITTEN_ELSEWHERE:5']);
    expect(messages(configMap('config'), { live })).toContain('(the cluster, as AddressSpace app)');
  });

  it('refuses an object that still belongs to a space or a user which has just let go of it', () => {
    for (const live of [
      ownedBy('AddressSpace', 'enmasse.io/v1beta1'),
      ownedBy('MessagingUser', 'user.enmasse.io/v1beta1'),
    ])
      expect(found(space() + configMap('config'), live)).toEqual(['OBJECT_WRITTEN_ELSEWHERE:10']);
    expect(found(configMap('config'), ownedBy('Deployment', 'apps/v1'))).toEqual([]);
  });

  it('says that an export of a space which the commit removes is free only after it', () => {
    const leaving = applied(documentsOf(exporting('app', 'config'))[0]!.object);
    const live = liveOf(catalogYaml, [leaving]);
    const { problems } = planChanges({
      documents: documentsOf(exporting('web', 'config')),
      live,
      lastGood: [],
      inventory: new Map([...live].map(([key, { metadata }]) => [key, metadata.uid])),
      owner,
      prune: context.prune,
      sha256: (text) => text,
    });
    expect(problems.map(({ code, line }) => `${code}:${line}`)).toEqual(['NAME_IN_USE:5']);
  });
});

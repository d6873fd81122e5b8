import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INFRA_NAMESPACE, type Rollout } from '@samband/resources';
import {
  address,
  expectPhase,
  exportRole,
  findLeaks,
  inline,
  seedsFolder,
  space,
  Stage,
  user,
} from '@samband/driver';

const folder = seedsFolder();
/** The manifests of two articles about EnMasse; without them there is nothing to promise here. */
const withSeeds = folder === undefined ? describe.skip : describe;

function manifests(of: 'ops' | 'team'): Record<string, string> {
  const files = path.join(folder ?? '', of);
  return Object.fromEntries(
    readdirSync(files).map((name) => [name, readFileSync(path.join(files, name), 'utf8')]),
  );
}

function problemsOf({ status }: Rollout): string[] {
  return (status?.problems ?? []).map(({ file, line, code }) => `${file}:${line} ${code}`);
}

withSeeds('the manifests of the articles, as they stand', () => {
  let stage: Stage;
  const ops = folder === undefined ? {} : manifests('ops');

  beforeAll(async () => {
    stage = await Stage.open();
  });

  afterAll(async () => {
    await stage.end();
  });

  it('name the kinds of an operator that is not installed', async () => {
    const team = await stage.team(INFRA_NAMESPACE, { source: 'ops', role: 'enmasse.io:service-admin' });
    const refused = expectPhase(await team.rollOut(ops), 'Refused');
    expect(problemsOf(refused)).toEqual([
      '06-servicemonitor.yaml:1 KIND_NOT_SERVED',
      '07-prometheusrule.yaml:1 KIND_NOT_SERVED',
    ]);
    await team.succeed({ '06-servicemonitor.yaml': undefined, '07-prometheusrule.yaml': undefined });
    for (const plan of ['small', 'large']) await stage.kube.ready('AddressSpacePlan', INFRA_NAMESPACE, plan);
  });

  it.each(['small', 'large'])('offer the plan %s, which works', async (plan) => {
    const team = await stage.team(`${plan}-team`);
    const password = stage.secret(`password for ${plan}`);
    await team.succeed({
      'space.yaml': space('app', { plan }),
      'exports.yaml': exportRole(),
      'queue.yaml': address('app', 'orders', { plan: 'broker-queue' }),
      'topic.yaml': address('app', 'news', { type: 'topic', plan: 'broker-topic' }),
      'user.yaml': user('app', 'app', inline(password)),
    });
    const client = await team.connect({ username: 'app', password });
    await client.send('orders', plan);
    expect(await client.receive('orders')).toEqual([plan]);
    await client.close();
  });

  it('are refused as a whole for a team, with every mistake in them', async () => {
    const team = await stage.team('team1');
    const refused = expectPhase(await team.rollOut(manifests('team')), 'Refused');
    expect(problemsOf(refused)).toEqual([
      '01-addressspace.yaml:7 SPACE_TYPE_NOT_OFFERED',
      '03-messaginguser.yaml:4 SPACE_NOT_FOUND',
      '04-role-rolebinding.yaml:7 UNKNOWN_FIELD',
      '05-deployment.yaml:7 REFUSED_BY_SERVER',
      '05-deployment.yaml:10 REFUSED_BY_SERVER',
      '05-deployment.yaml:11 UNKNOWN_FIELD',
    ]);
    expect(await stage.kube.get('AddressSpace', 'team1', 'app')).toBeUndefined();
  });

  it('leave no password where none belongs', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});

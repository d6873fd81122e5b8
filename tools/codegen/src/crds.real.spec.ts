import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  changeIssues,
  kindNames,
  kindRef,
  kinds,
  ourKind,
  parseObject,
  type KubeObject,
} from '@samband/resources';
import { startKube, type TestKube } from '@samband/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { good, objectOf, refused, refusedChanges, type Example } from './examples.fixture.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const namespace = 'kinds';

let kube: TestKube;
beforeAll(async () => {
  kube = await startKube({ crds: true, bundle: true });
  for (const name of [namespace, 'team1']) {
    await kube.request('POST', '/api/v1/namespaces', { metadata: { name } });
  }
});
afterAll(async () => {
  await kube.stop();
});

const example = (of: Example): KubeObject => objectOf(of, kindRef(of.kind).apiVersion, namespace);

function collection(object: KubeObject): string {
  const ours = ourKind(object);
  if (ours === undefined) throw new Error(`not ours: ${object.kind}`);
  const { plural, scope } = kinds[ours.kind];
  const where = scope === 'Cluster' ? '' : `/namespaces/${object.metadata.namespace ?? 'default'}`;
  return `/apis/${object.apiVersion}${where}/${plural}`;
}

/** What the API server says of an object, without keeping it. `201` when it is accepted. */
async function verdict(object: KubeObject): Promise<{ status: number; message: string }> {
  const { status, body } = await kube.request(
    'POST',
    `${collection(object)}?dryRun=All&fieldValidation=Strict`,
    object,
  );
  return { status, message: messageOf(body) };
}

function messageOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
}

describe('the API server', () => {
  it.each(kindNames)('serves %s and finds nothing amiss with its schema', async (kind) => {
    const { plural, group } = kinds[kind];
    const { body } = await kube.request(
      'GET',
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`,
    );
    const { conditions } = (body as { status: { conditions: { type: string; status: string }[] } }).status;
    expect(
      conditions
        .filter(({ status }) => status === 'True')
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['Established', 'NamesAccepted']);
  });

  it.each(kindNames)('explains %s', async (kind) => {
    const { apiVersion } = kindRef(kind);
    const text = await kube.kubectl(['explain', kinds[kind].plural, `--api-version=${apiVersion}`]);
    const flat = text.replace(/\s+/g, ' ');
    expect(flat).toContain(kinds[kind].description);
    // Nobody asks anything of a ParkedSpace but by its annotation.
    expect(flat).toContain(kind === 'ParkedSpace' ? 'status <Object>' : 'spec <Object>');
  });

  it.each(Object.values(good))('accepts a good $kind, as parsing does', async (of) => {
    expect(parseObject(of.kind, example(of))).toMatchObject({ ok: true, unknownFields: [] });
    expect(await verdict(example(of))).toEqual({ status: 201, message: '' });
  });

  it.each(refused)('refuses %s, as parsing does', async (_, of, message) => {
    const answer = await verdict(example(of));
    expect(answer.status).toBe(422);
    expect(answer.message).toContain(message);
    expect(parseObject(of.kind, example(of)).ok).toBe(false);
  });

  it.each(refusedChanges)('refuses to change %s, as planning does', async (_, of, change, message) => {
    const before = example(of);
    const after = { ...before, spec: { ...of.spec, ...change } };
    await kube.request('POST', collection(before), before);
    const answer = await kube.request(
      'PATCH',
      `${collection(before)}/${before.metadata.name}`,
      { spec: change },
      'application/merge-patch+json',
    );
    expect(answer.status).toBe(422);
    expect(messageOf(answer.body)).toContain(message);
    const [old, now] = [parseObject(of.kind, before), parseObject(of.kind, after)];
    expect(
      old.ok && now.ok && changeIssues(of.kind, old.value, now.value).map((issue) => issue.message),
    ).toEqual([expect.stringContaining(message)]);
  });

  it('reads plans of both versions, in the shape of before v1beta2 too', async () => {
    const old = {
      apiVersion: 'admin.enmasse.io/v1beta1',
      kind: 'AddressSpacePlan',
      metadata: { name: 'old', namespace, annotations: { 'enmasse.io/defined-by': 'default' } },
      addressSpaceType: 'brokered',
      addressPlans: ['queue'],
      resources: [{ name: 'broker', max: 1 }],
      displayName: 'Old',
      displayOrder: 0,
      uuid: 'f0',
    };
    expect((await kube.request('POST', collection(old), old)).status).toBe(201);
    const { body } = await kube.request(
      'GET',
      `/apis/admin.enmasse.io/v1beta2/namespaces/${namespace}/addressspaceplans/old`,
    );
    expect(parseObject('AddressSpacePlan', body)).toMatchObject({
      ok: true,
      value: { apiVersion: 'admin.enmasse.io/v1beta2', resources: [{ name: 'broker', max: 1 }] },
      unknownFields: [],
    });
  });

  it('keeps what belongs to Kubernetes as it is, and shows status in columns', async () => {
    const affinity = { nodeAffinity: { deep: [{ a: { b: 1 } }] } };
    const config = example({
      ...good.brokeredInfra,
      name: 'kept',
      spec: { broker: { podTemplate: { spec: { affinity } } } },
    });
    const { body } = await kube.request('POST', collection(config), config);
    expect(body).toMatchObject({ spec: { broker: { podTemplate: { spec: { affinity } } } } });

    const space = example({ ...good.space, name: 'shown' });
    await kube.request('POST', collection(space), space);
    await kube.request(
      'PATCH',
      `${collection(space)}/shown/status`,
      { status: { isReady: true, phase: 'Active', messages: ['all good'] } },
      'application/merge-patch+json',
    );
    const table = await kube.kubectl(['get', 'addressspace', 'shown', '-n', namespace, '-o', 'wide']);
    expect(
      table
        .split('\n')
        .slice(0, 2)
        .map((line) => line.split(/\s{2,}/).slice(0, 6)),
    ).toEqual([
      ['NAME', 'TYPE', 'PLAN', 'READY', 'PHASE', 'STATUS'],
      ['shown', 'brokered', 'small', 'true', 'Active', '["all good"]'],
    ]);
    expect(await kube.kubectl(['get', 'enmasse', '-n', namespace, '-o', 'name'])).toContain(
      'addressspace.enmasse.io/shown',
    );
  });

  it.each<[Example, string]>([
    [{ ...good.address, name: 'app.columns' }, 'NAME ADDRESS READY PHASE AGE'],
    [{ ...good.user, name: 'app.columns' }, 'NAME USERNAME TYPE PHASE AGE'],
    [{ ...good.spacePlan, name: 'columns' }, 'NAME PHASE AGE'],
    [{ ...good.addressPlan, name: 'columns' }, 'NAME PHASE AGE'],
    [{ ...good.authService, name: 'columns' }, 'NAME PHASE AGE'],
    [{ ...good.source, name: 'columns' }, 'NAME URL BRANCH READY STATUS COMMIT AGE'],
    [{ ...good.rollout, name: 'columns' }, 'NAME SOURCE COMMIT PHASE AGE'],
  ])('lists $kind in columns', async (of, header) => {
    const object = example(of);
    await kube.request('POST', collection(object), object);
    const { plural, group } = kinds[of.kind];
    const table = await kube.kubectl(['get', `${plural}.${group}`, of.name, '-n', namespace]);
    expect(table.split('\n')[0]?.trim().split(/\s+/).join(' ')).toBe(header);
  });
});

describe('manifests written for EnMasse', () => {
  const folder = path.resolve(root, '../shared/seeds/manifests');

  it('are accepted as they stand, where they are there to try', async () => {
    const objects = existsSync(folder) ? await manifests(folder) : [];
    for (const object of objects.filter((each) => ourKind(each) !== undefined)) {
      const placed = {
        ...object,
        metadata: { ...object.metadata, namespace: object.metadata.namespace ?? 'enmasse-infra' },
      };
      expect({ name: object.metadata.name, ...(await verdict(placed)) }).toEqual({
        name: object.metadata.name,
        status: 201,
        message: '',
      });
      const kind = ourKind(object)?.kind ?? 'Address';
      expect(parseObject(kind, object)).toMatchObject({ ok: true, unknownFields: [] });
    }
  });
});

async function manifests(folder: string): Promise<KubeObject[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject));
}

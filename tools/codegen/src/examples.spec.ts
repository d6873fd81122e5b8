import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeAddressPlan, judgeAddressSpacePlan, planCatalog, resolveSpacePlan } from '@samband/plans';
import { isOfKind, ourKind, parseObject, type KubeObject } from '@samband/resources';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const folder = path.join(root, 'infra/plans');
const pages = path.join(root, 'docs/spec');

describe('the example plans', () => {
  let objects: KubeObject[];
  beforeAll(async () => {
    const texts = await Promise.all(
      (await readdir(folder)).map((file) => readFile(path.join(folder, file), 'utf8')),
    );
    objects = texts.flatMap((text) =>
      parseAllDocuments(text).map((document) => document.toJS() as KubeObject),
    );
  });

  it('are of our kinds, without a field that is unknown', () => {
    for (const object of objects) {
      const ours = ourKind(object);
      expect(ours?.isServed).toBe(true);
      if (ours !== undefined) {
        expect(parseObject(ours.kind, object)).toMatchObject({ ok: true, unknownFields: [] });
      }
    }
  });

  it('can all be used', () => {
    const catalog = planCatalog(objects);
    expect([catalog.addressSpacePlans.size, catalog.addressPlans.size]).toEqual([4, 25]);
    const verdicts = objects.flatMap((object) => {
      if (isOfKind('AddressSpacePlan', object)) return [judgeAddressSpacePlan(object, catalog)];
      return isOfKind('AddressPlan', object) ? [judgeAddressPlan(object, catalog)] : [];
    });
    expect(verdicts.filter(({ phase }) => phase !== 'Active')).toEqual([]);
  });

  it('give a brokered space room for thousands of queues', () => {
    const resolved = resolveSpacePlan('brokered-single-broker', 'brokered', planCatalog(objects));
    expect(resolved).toMatchObject({ ok: true, plan: { broker: { heapMiB: 256, maxQueues: 6553 } } });
  });
});

describe('the pages of docs/spec', () => {
  it('show objects that are accepted', async () => {
    const texts = await Promise.all(
      (await readdir(pages)).map((file) => readFile(path.join(pages, file), 'utf8')),
    );
    const examples = texts
      .flatMap((text) => [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml))
      .flatMap((yaml) => parseAllDocuments(yaml).map((document) => document.toJS() as KubeObject));
    const ours = examples.filter((example) => ourKind(example) !== undefined);
    expect(ours.length).toBeGreaterThanOrEqual(9);
    for (const example of ours) {
      const kind = ourKind(example)?.kind ?? 'Address';
      expect(parseObject(kind, example)).toMatchObject({ ok: true, unknownFields: [] });
    }
  });
});

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kindNames, kinds } from '@samband/resources';
import { describe, expect, it } from '@jest/globals';
import { toCrd } from './crd.js';
import { staleFiles } from './stale.js';
import type { StructuralSchema } from './structural.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

function nodes(schema: StructuralSchema, where: string): [string, StructuralSchema][] {
  return [
    [where, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => nodes(child, `${where}.${name}`)),
    ...(schema.items === undefined ? [] : nodes(schema.items, `${where}[]`)),
    ...(schema.additionalProperties === undefined ? [] : nodes(schema.additionalProperties, `${where}{}`)),
  ];
}

function schemaOf(kind: (typeof kindNames)[number]): [string, StructuralSchema][] {
  const [version] = toCrd(kinds[kind]).spec.versions;
  const { openAPIV3Schema } = version?.schema as { openAPIV3Schema: StructuralSchema };
  return nodes(openAPIV3Schema, kind);
}

describe('infra/crds', () => {
  it('are what the kinds say (else: npm run generate)', async () => {
    expect(await staleFiles(root)).toEqual([]);
  });
});

describe.each(kindNames)('the CRD of %s', (kind) => {
  it('explains every field', () => {
    const silent = schemaOf(kind).filter(
      ([where, { description }]) => description === undefined && !/\.metadata$|\{\}$/.test(where),
    );
    expect(silent.map(([where]) => where)).toEqual([]);
  });

  it('bounds every list and text, as the prices of CEL rules want it', () => {
    const unbounded = schemaOf(kind).filter(
      ([where, schema]) =>
        (schema.type === 'array' && schema.maxItems === undefined) ||
        (schema.type === 'string' &&
          schema.maxLength === undefined &&
          schema.enum === undefined &&
          schema.format === undefined &&
          !/^[A-Za-z]+\.(apiVersion|kind)$/.test(where)),
    );
    expect(unbounded.map(([where]) => where)).toEqual([]);
  });

  it('has a status of its own in every version, the first of which is stored', () => {
    const { versions } = toCrd(kinds[kind]).spec;
    expect(versions).toEqual(
      kinds[kind].versions.map((name, index) =>
        expect.objectContaining({
          name,
          served: true,
          storage: index === 0,
          subresources: { status: {} },
        }),
      ),
    );
  });

  it('serves the same in every version, and tells whoever uses an old one what to use', () => {
    const { versions, group } = toCrd(kinds[kind]).spec;
    const [stored] = versions;
    for (const version of versions) {
      expect(version.schema).toEqual(stored?.schema);
      const isOld = version.name === 'v1alpha1' && group !== 'samband.dev';
      expect(version).toMatchObject(
        isOld
          ? { deprecated: true, deprecationWarning: expect.stringContaining(`use ${group}/${stored?.name}`) }
          : {},
      );
      if (!isOld) expect(version).not.toHaveProperty('deprecated');
    }
  });
});

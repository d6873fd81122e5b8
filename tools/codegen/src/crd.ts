import type { KindDefinition, Rule } from '@samband/resources';
import { z } from 'zod';
import { toStructural, type StructuralSchema, type Validation } from './structural.js';

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: object;
    readonly conversion: { readonly strategy: 'None' };
    readonly versions: readonly { readonly name: string; readonly schema: object }[];
  };
}

/** The CRD of one kind. All versions have the same schema: they are converted by changing their name only. */
export function toCrd(definition: KindDefinition): CustomResourceDefinition {
  const { kind, group, versions, plural, singular, scope, categories, labels } = definition;
  const openAPIV3Schema = rootSchema(definition);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, categories: [...categories] },
      conversion: { strategy: 'None' },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        ...(definition.deprecatedVersions?.includes(name) === true
          ? {
              deprecated: true,
              deprecationWarning: `${group}/${name} ${kind} is deprecated: use ${group}/${versions[0]}`,
            }
          : {}),
        storage: index === 0,
        schema: { openAPIV3Schema },
        subresources: { status: {} },
        additionalPrinterColumns: definition.printerColumns.map((column) => ({ ...column })),
      })),
    },
  };
}

/** The structural schema of a whole object of a kind, with its rules. */
export function rootSchema(definition: KindDefinition): StructuralSchema {
  const json = z.toJSONSchema(definition.schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  // The API server owns these three: its own checks are stricter.
  const owned = new Set(['apiVersion', 'kind', 'metadata']);
  const properties = Object.fromEntries(
    Object.entries(json.properties ?? {}).filter(([name]) => !owned.has(name)),
  );
  const schema = toStructural({ ...json, properties }, definition.kind);
  const required = (schema.required ?? []).filter((name) => !owned.has(name));
  const root: StructuralSchema = {
    type: 'object',
    description: definition.description,
    ...(required.length === 0 ? {} : { required }),
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of the kind.' },
      kind: { type: 'string', description: 'The kind.' },
      metadata: { type: 'object' },
      ...schema.properties,
    },
  };
  for (const rule of definition.celRules) addRule(root, rule);
  return root;
}

function addRule(root: StructuralSchema, rule: Rule): void {
  const node = find(root, rule.path === '' ? [] : rule.path.split('.'));
  if (node === undefined) throw new Error(`no schema at ${rule.path} for the rule: ${rule.message}`);
  // The API server accepts a field path only to a field that the schema declares.
  const isDeclared = rule.at !== undefined && find(node, rule.at.split('.')) !== undefined;
  const validation: Validation = {
    rule: rule.cel,
    message: rule.message,
    ...(isDeclared ? { fieldPath: `.${rule.at}` } : {}),
  };
  node['x-kubernetes-validations'] = [...(node['x-kubernetes-validations'] ?? []), validation];
}

function find(root: StructuralSchema, path: readonly string[]): StructuralSchema | undefined {
  let node: StructuralSchema | undefined = root;
  for (const step of path) {
    const isList = step.endsWith('[]');
    node = node?.properties?.[isList ? step.slice(0, -2) : step];
    if (isList) node = node?.items;
  }
  return node;
}

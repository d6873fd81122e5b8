import type { z } from 'zod';
import type { KubeObject } from './object.js';
import type { Rule } from './rule.js';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

/** Everything there is to say about a kind: types, CRD, parsing and documents are made from it. */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  readonly kind: string;
  readonly group: string;
  /** Served versions, the stored one first. */
  readonly versions: readonly [string, ...string[]];
  /** Of those, what is there for manifests of old: the schema is the same, and whoever uses one is told the stored version. */
  readonly deprecatedVersions?: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly categories: readonly string[];
  readonly description: string;
  readonly printerColumns: readonly PrinterColumn[];
  readonly schema: z.ZodType<T>;
  readonly celRules: readonly Rule[];
  /** Labels of the CRD itself. */
  readonly labels: Readonly<Record<string, string>>;
}

export const tenantLabels = { app: 'enmasse', 'enmasse-component': 'tenant-api' };
export const adminLabels = { app: 'enmasse' };
export const sambandLabels = { 'app.kubernetes.io/part-of': 'samband' };

export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was created.',
};

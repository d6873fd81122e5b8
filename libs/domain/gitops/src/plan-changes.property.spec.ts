import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refKey, refOf, type KubeObject } from '@samband/resources';
import { isDeclaredIn } from './compare.js';
import { applied, inventoryOf, owner } from './example.fixtures.js';
import type { ManifestDocument } from './manifest.js';
import { ownerOf } from './ownership.js';
import { planChanges, type RolloutPlan } from './plan-changes.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const value = fc.oneof(
  fc.constantFrom<unknown>('', 'a', '0.5', '500m', 0, 1, true, false, null, [], {}),
  fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('p', 'q'), fc.constantFrom<unknown>('x', 1, null, {}), { maxKeys: 2 }),
);
const object: fc.Arbitrary<KubeObject> = fc
  .record({
    kind: fc.constantFrom('ConfigMap', 'Secret', 'Namespace', 'Widget'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    data: fc.dictionary(fc.constantFrom('k', 'l', 'm'), value, { maxKeys: 3 }),
  })
  .map(({ kind, name, data }) => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'n' }, data }));
const objects = fc.uniqueArray(object, { selector: (one) => refKey(refOf(one)), maxLength: 8 });

const documentsOf = (all: readonly KubeObject[]): ManifestDocument[] =>
  all.map((one, index) => ({
    file: 'a.yaml',
    line: index + 1,
    object: one,
    lineOf: () => index + 1,
    textAtLine: () => '',
  }));

const keyed = (all: readonly KubeObject[]): Map<string, KubeObject> =>
  new Map(all.map((one) => [refKey(refOf(one)), one]));

/** What server-side apply leaves: the manifest alone decides what it declares, `null` takes a field away. */
function carryOut(plan: RolloutPlan, live: ReadonlyMap<string, KubeObject>): Map<string, KubeObject> {
  const after = new Map(live);
  for (const entry of plan.entries) {
    if (entry.action === 'remove') after.delete(refKey(entry.ref));
    else if (entry.action !== 'unchanged')
      after.set(refKey(entry.ref), withoutNulls(entry.manifest) as KubeObject);
  }
  return after;
}

function withoutNulls(one: unknown): unknown {
  if (Array.isArray(one)) return one.map(withoutNulls);
  if (typeof one !== 'object' || one === null) return one;
  const kept = Object.entries(one).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}

describe('any commit against any live objects', () => {
  it('is in force once its plan is carried out: everything declared is there, nothing else of ours', () => {
    fc.assert(
      fc.property(objects, objects, objects, (declared, ours, foreign) => {
        const live = keyed([...foreign, ...ours.map((one) => applied(one))]);
        const plan = planChanges({
          documents: documentsOf(declared),
          live,
          lastGood: [],
          inventory: inventoryOf(live),
          owner,
          prune: true,
          sha256,
        });
        const after = carryOut(plan, live);
        for (const one of declared)
          expect(isDeclaredIn(one, after.get(refKey(refOf(one)))!, false)).toBe(true);
        const wanted = keyed(declared);
        for (const [key, one] of after) {
          if (ownerOf(one) !== undefined) expect(wanted.has(key)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(objects, objects, fc.boolean(), (declared, ours, isRemembered) => {
        const live = keyed(ours.map((one) => applied(one)));
        const input = { documents: documentsOf(declared), owner, prune: true, sha256 };
        const first = planChanges({ ...input, live, lastGood: [], inventory: inventoryOf(live) });
        const lastGood = first.entries.flatMap((entry) =>
          isRemembered && entry.action !== 'remove'
            ? [{ ref: entry.ref, key: refKey(entry.ref), digest: entry.digest }]
            : [],
        );
        const after = carryOut(first, live);
        const second = planChanges({ ...input, live: after, lastGood, inventory: inventoryOf(after) });
        expect(second).toMatchObject({ add: 0, change: 0, remove: 0, unchanged: declared.length });
      }),
      { numRuns: 500 },
    );
  });

  it('has a plan that does not depend on the order of documents and live objects', () => {
    fc.assert(
      fc.property(objects, objects, (declared, ours) => {
        const input = { lastGood: [], owner, prune: true, sha256 };
        const [one, two] = [false, true].map((isReversed) => {
          const turn = <T>(all: readonly T[]): T[] => (isReversed ? all.toReversed() : [...all]);
          const live = keyed(turn(ours).map((object) => applied(object)));
          const inventory = inventoryOf(live);
          return planChanges({ ...input, documents: documentsOf(turn(declared)), live, inventory });
        });
        const shape = (plan: RolloutPlan): unknown => plan.entries.map(({ action, ref }) => [action, ref]);
        expect(one!.digest).toBe(two!.digest);
        expect(shape(one!)).toEqual(shape(two!));
      }),
      { numRuns: 200 },
    );
  });
});

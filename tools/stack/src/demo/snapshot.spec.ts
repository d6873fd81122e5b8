import { describe, expect, it } from '@jest/globals';
import type { KubeObject, ResourceStore } from '@samband/resources';
import { differences, takeSnapshot } from './snapshot.js';

function storeOf(objects: readonly KubeObject[]): ResourceStore {
  const list: ResourceStore['list'] = ({ kind }) =>
    Promise.resolve({ items: objects.filter((object) => object.kind === kind), resourceVersion: '1' });
  return { list } as unknown as ResourceStore;
}

const address = (more: Record<string, unknown>): KubeObject => ({
  apiVersion: 'enmasse.io/v1beta1',
  kind: 'Address',
  metadata: { name: 'shop.orders', uid: '1', resourceVersion: '5', generation: 2 },
  spec: { address: 'orders' },
  status: { isReady: true, phase: 'Active' },
  ...more,
});
const snap = (...objects: KubeObject[]): ReturnType<typeof takeSnapshot> =>
  takeSnapshot(storeOf(objects), 'ns', () => false);

describe('the state before and after', () => {
  it('is the same though versions and generations went on', async () => {
    const after = address({
      metadata: { name: 'shop.orders', uid: '1', resourceVersion: '9', generation: 4 },
    });
    expect(differences(await snap(address({})), await snap(after))).toEqual([]);
  });

  it.each([
    ['another wish', address({ spec: { address: 'orders', plan: 'x' } })],
    ['a status that fell', address({ status: { isReady: false, phase: 'Configuring' } })],
    ['another object of that name', address({ metadata: { name: 'shop.orders', uid: '2' } })],
  ])('differs for %s', async (_what, after) => {
    expect(differences(await snap(address({})), await snap(after))).toEqual([
      'Address shop.orders is not the same',
    ]);
  });

  it('names what is new and what is gone', async () => {
    const other = address({ metadata: { name: 'shop.audit', uid: '3' } });
    expect(differences(await snap(address({})), await snap(other))).toEqual([
      'Address shop.audit is new',
      'Address shop.orders is gone',
    ]);
  });

  it('leaves out what the caller ignores', async () => {
    const taken = await takeSnapshot(
      storeOf([address({})]),
      'ns',
      ({ metadata }) => metadata.name === 'shop.orders',
    );
    expect(taken.size).toBe(0);
  });
});

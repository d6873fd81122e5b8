import { beforeAll, describe, expect, it } from '@jest/globals';
import { resourceStoreContract } from '../contract/resource-store.contract.js';
import type { StoreUnderTest } from '../contract/subject.js';
import { createMemoryStore } from './memory-store.js';

describe('the store in memory', () => {
  let subject: StoreUnderTest;
  beforeAll(() => {
    const memory = createMemoryStore({ namespaces: ['contract'] });
    const granted = new Set<string>();
    memory.may = (user, verb, { kind }) => granted.has(`${user} ${verb} ${kind.toLowerCase()}s`);
    subject = {
      store: memory.store,
      namespace: 'contract',
      grant: (user, verbs, plural) => {
        for (const verb of verbs) granted.add(`${user} ${verb} ${plural}`);
        return Promise.resolve();
      },
    };
  });

  it.each(resourceStoreContract)('$name', async ({ run }) => {
    await run(subject);
  });

  it('is followed by its view, which can lag and can be empty', async () => {
    const { store, view } = createMemoryStore({ namespaces: ['team'] });
    const address = (name: string): Parameters<typeof store.create>[0] => ({
      apiVersion: 'enmasse.io/v1beta1',
      kind: 'Address',
      metadata: { namespace: 'team', name },
      spec: { address: name, type: 'queue', plan: 'p' },
    });
    const seen: string[] = [];
    view.subscribe(({ ref }) => seen.push(ref.name));
    await store.create(address('app.a'));
    view.pause();
    await store.create(address('app.b'));
    const names = (): string[] => view.byIndex('space', 'team/app').map(({ metadata }) => metadata.name);
    expect(names()).toEqual(['app.a']);
    view.resume();
    expect(names()).toEqual(['app.a', 'app.b']);
    expect(seen).toEqual(['app.a', 'app.b']);
    view.forget();
    expect(names()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  eventually,
  resourceStoreContract,
  startKube,
  type StoreUnderTest,
  type TestKube,
} from '@samband/testing';
import { createResourceStore, type KubernetesStore } from './index.js';

describe('the store of the Kubernetes API', () => {
  let kube: TestKube;
  let store: KubernetesStore;
  let subject: StoreUnderTest;

  beforeAll(async () => {
    kube = await startKube({ crds: true });
    store = createResourceStore({ kubeconfig: kube.kubeconfigPath });
    await kube.kubectl(['create', 'namespace', 'contract']);
    let count = 0;
    subject = {
      store,
      namespace: 'contract',
      grant: async (user, verbs, plural) => {
        count += 1;
        const name = `grant-${count}`;
        const inNamespace = ['--namespace', 'contract'];
        await kube.kubectl([
          'create',
          'role',
          name,
          `--verb=${verbs.join(',')}`,
          `--resource=${plural}`,
          ...inNamespace,
        ]);
        await kube.kubectl([
          'create',
          'rolebinding',
          name,
          `--role=${name}`,
          `--user=${user}`,
          ...inNamespace,
        ]);
        // The authorizer reads roles through a watch of its own.
        await eventually(async () => {
          const answers = await Promise.all(
            verbs.map((verb) =>
              store.reviewAccess({ user, verb, group: '', resource: plural, namespace: 'contract' }),
            ),
          );
          return answers.every(Boolean);
        });
      },
    };
  });
  afterAll(async () => {
    store.close();
    await kube.stop();
  });

  it.each(resourceStoreContract)('$name', async ({ run }) => {
    await run(subject);
  });
});

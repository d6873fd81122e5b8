import { createResourceStore } from '@samband/kubernetes';
import { operatorToken } from './operator.js';
import { applyResources } from './resources.js';

/**
 * Makes a fresh or changed API server into ours.
 *
 * @returns the operator's token
 */
export async function provision(kubeconfig: string, repository: string): Promise<string> {
  const store = createResourceStore({ kubeconfig });
  try {
    await applyResources(store, repository);
    return await operatorToken(store);
  } finally {
    store.close();
  }
}

import { problemAt, type ManifestDocument, type Problem } from '@samband/gitops';
import { bundleSecretOf, isOfKind, keyOf, refKey, refOf } from '@samband/resources';
import type { Ports } from '../ports.js';
import { bundleSecretFault } from '../space/bundle-secrets.js';
import { secretRef } from '../space/refs.js';

/**
 * Certificates that spaces of the source's own namespace name a Secret for, which neither the commit nor the cluster has.
 * Documents fit their schemas. Of other namespaces a plan tells nothing: who may declare a space there need not know of its Secrets.
 */
export async function findMissingBundles(
  { store }: Pick<Ports, 'store'>,
  documents: readonly ManifestDocument[],
  home: string,
): Promise<Problem[]> {
  const declared = new Map(documents.map(({ object }) => [keyOf(object), object]));
  const problems: Problem[] = [];
  for (const document of documents) {
    const { object } = document;
    if (!isOfKind('AddressSpace', object) || object.metadata.namespace !== home) continue;
    for (const [index, { cert }] of (object.spec.endpoints ?? []).entries()) {
      const name = bundleSecretOf(cert);
      if (name === undefined) continue;
      const ref = secretRef(home, name);
      const fault = bundleSecretFault(home, name, declared.get(refKey(ref)), await store.get(ref));
      if (fault === undefined) continue;
      const line = document.lineOf(['spec', 'endpoints', index, 'cert', 'secretName']);
      problems.push(problemAt({ file: document.file, line }, 'SECRET_NOT_FOUND', fault, refOf(object)));
    }
  }
  return problems;
}

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '@samband/processes';

/**
 * A binary of the Kubernetes control plane: from the folder `KUBEBUILDER_ASSETS`, else from the cache that the
 * bootstrap fills. Throws with a line that says how to mend it.
 */
export function kubernetesBinary(
  name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl',
): string {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  return executable(
    name,
    assets === undefined ? [] : [path.join(assets, name)],
    'KUBEBUILDER_ASSETS (a folder)',
  );
}

/** Temporal's CLI with its dev server: the file `TEMPORAL_CLI`, else from the cache. Throws like `kubernetesBinary`. */
export function temporalBinary(): string {
  const file = process.env['TEMPORAL_CLI'];
  return executable('temporal', file === undefined ? [] : [file], 'TEMPORAL_CLI (a file)');
}

function executable(name: string, candidates: readonly string[], variable: string): string {
  const found = [...candidates, path.join(cacheFolder(), 'bin', name)].find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`${name} is missing: run "npm test" once, which builds it, or set ${variable}.`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '@samband/processes';

export interface Binaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly temporal: string;
  readonly artemisHome: string;
  readonly cache: string;
}

/**
 * What the bootstrap found or built: it says so through KUBEBUILDER_ASSETS, TEMPORAL_CLI and ARTEMIS_HOME;
 * without these (a test run by hand) it is in the cache.
 */
export function findBinaries(env: NodeJS.ProcessEnv = process.env): Binaries {
  const cache = cacheFolder(env);
  const assets = env['KUBEBUILDER_ASSETS'] ?? '';
  const find = (name: string): string => {
    const candidates = [...(assets === '' ? [] : [path.join(assets, name)]), path.join(cache, 'bin', name)];
    const file = candidates.find(isExecutable);
    if (file === undefined) throw new Error(`${name} is missing: npm start builds it`);
    return file;
  };
  return {
    etcd: find('etcd'),
    kubeApiserver: find('kube-apiserver'),
    kubeControllerManager: find('kube-controller-manager'),
    temporal: env['TEMPORAL_CLI'] ?? find('temporal'),
    artemisHome: env['ARTEMIS_HOME'] ?? path.join(cache, 'artemis'),
    cache,
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

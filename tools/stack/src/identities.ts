import path from 'node:path';
import { readIfThere, writeAtomically } from '@samband/processes';
import { kubeconfig } from './kubeconfig.js';
import type { StackContext } from './part.js';
import type { Pki, TokenName } from './pki.js';

/** Writes a kubeconfig for each who talks to the API server, readable by this user only. */
export async function writeKubeconfigs(
  folder: string,
  pki: Pki,
  port: number,
): Promise<StackContext['kubeconfigs']> {
  const write = async (name: TokenName, fileName = `${name}.kubeconfig`): Promise<string> => {
    const file = path.join(folder, fileName);
    const text = kubeconfig(`https://127.0.0.1:${port}`, pki.ca, pki.tokens[name]);
    if ((await readIfThere(file)) !== text) await writeAtomically(file, text);
    return file;
  };
  const [admin, manager, worker, controller, api] = await Promise.all([
    write('samband-admin', 'kubeconfig'),
    write('system:kube-controller-manager', 'controller-manager.kubeconfig'),
    write('worker'),
    write('controller'),
    write('api'),
  ]);
  return { admin, 'controller-manager': manager, worker, controller, api };
}

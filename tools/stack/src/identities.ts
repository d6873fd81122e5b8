import path from 'node:path';
import { readIfThere, writeAtomically } from '@samband/processes';
import { INFRA_NAMESPACE, serviceAccountUser } from '@samband/resources';
import { kubeconfig, type Credential } from './kubeconfig.js';
import type { StackContext } from './part.js';
import type { Pki } from './pki.js';

/**
 * Components act as their service accounts, so what they may do is decided by the same roles as in a cluster;
 * only the proof is a certificate, which no restart has to wait for.
 */
const components = {
  worker: 'samband-worker',
  controller: 'samband-controller',
  api: 'samband-api',
} as const;

/** Writes a kubeconfig for each who talks to the API server, readable by this user only. */
export async function writeKubeconfigs(
  folder: string,
  pki: Pki,
  port: number,
): Promise<StackContext['kubeconfigs']> {
  const write = async (name: string, credential: Credential): Promise<string> => {
    const file = path.join(folder, name);
    const text = kubeconfig(`https://127.0.0.1:${port}`, pki.ca, credential);
    if ((await readIfThere(file)) !== text) await writeAtomically(file, text);
    return file;
  };
  const component = async (name: keyof typeof components): Promise<string> => {
    const user = serviceAccountUser(INFRA_NAMESPACE, components[name]);
    return write(`${name}.kubeconfig`, await pki.client(`client-${name}`, user));
  };
  const [admin, manager, worker, controller, api] = await Promise.all([
    write('kubeconfig', { token: pki.tokens['samband-admin'] }),
    write('controller-manager.kubeconfig', { token: pki.tokens['system:kube-controller-manager'] }),
    component('worker'),
    component('controller'),
    component('api'),
  ]);
  return { admin, 'controller-manager': manager, worker, controller, api };
}

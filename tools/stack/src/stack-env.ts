import { rm } from 'node:fs/promises';
import { writeAtomically } from './files.js';
import type { Ports } from './ports.js';

/** What `stack.env` says: how to reach a stack that is ready. */
export interface StackEnv {
  readonly KUBECONFIG: string;
  readonly SAMBAND_API: string;
  /** Of the service account `samband-operator`, which may use every route. */
  readonly SAMBAND_TOKEN: string;
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_UI: string;
}

export function stackEnv(ports: Ports, kubeconfig: string, token: string): StackEnv {
  return {
    KUBECONFIG: kubeconfig,
    SAMBAND_API: `http://127.0.0.1:${ports.api}`,
    SAMBAND_TOKEN: token,
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_UI: `http://127.0.0.1:${ports.temporalUi}`,
  };
}

export async function writeStackEnv(file: string, env: StackEnv): Promise<void> {
  await writeAtomically(
    file,
    Object.entries(env)
      .map(([name, value]) => `${name}=${String(value)}\n`)
      .join(''),
  );
}

export async function removeStackEnv(file: string): Promise<void> {
  await rm(file, { force: true });
}

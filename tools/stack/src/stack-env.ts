import { rm } from 'node:fs/promises';
import { readIfThere, writeAtomically } from '@samband/processes';
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
      .map(([name, value]) => `${name}=${quoted(String(value))}\n`)
      .join(''),
  );
}

/** What a running stack wrote; `undefined` when none is ready. */
export async function readStackEnv(file: string): Promise<StackEnv | undefined> {
  const lines = (await readIfThere(file))?.split('\n') ?? [];
  const found = new Map(
    lines.map((line) => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), unquoted(line.slice(equals + 1))];
    }),
  );
  const [KUBECONFIG, SAMBAND_API, SAMBAND_TOKEN, TEMPORAL_ADDRESS, TEMPORAL_UI] = [
    found.get('KUBECONFIG'),
    found.get('SAMBAND_API'),
    found.get('SAMBAND_TOKEN'),
    found.get('TEMPORAL_ADDRESS'),
    found.get('TEMPORAL_UI'),
  ];
  if (
    KUBECONFIG === undefined ||
    SAMBAND_API === undefined ||
    SAMBAND_TOKEN === undefined ||
    TEMPORAL_ADDRESS === undefined ||
    TEMPORAL_UI === undefined
  ) {
    return undefined;
  }
  return { KUBECONFIG, SAMBAND_API, SAMBAND_TOKEN, TEMPORAL_ADDRESS, TEMPORAL_UI };
}

/** As a shell reads it: people source the file, and the clone may lie in a folder with any name. */
function quoted(value: string): string {
  return /^[\w./:@%+=,-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

function unquoted(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll(`'\\''`, "'") : text;
}

export async function removeStackEnv(file: string): Promise<void> {
  await rm(file, { force: true });
}

import { randomInt } from 'node:crypto';
import { findFreePort, isFree, readIfThere, writeAtomically } from '@samband/processes';

export const portNames = [
  'etcd',
  'etcdPeer',
  'kubernetes',
  'controllerManager',
  'temporal',
  'temporalHttp',
  'temporalMetrics',
  'temporalUi',
  'api',
  'workerMetrics',
  'controllerMetrics',
] as const;

export type PortName = (typeof portNames)[number];
export type Ports = Readonly<Record<PortName, number>>;

/**
 * Below the range from which systems hand out ports for outgoing connections, so that none takes ours by chance,
 * and below the brokers' (20,000 and up), whose ports stay theirs while they are stopped.
 */
const range = { first: 17_000, last: 19_999 };
const host = '127.0.0.1';

/**
 * The stack's ports: chosen once, the same at every start. One that a foreign process took meanwhile is chosen
 * anew.
 *
 * @returns the ports, and the names of those that had to move
 */
export async function choosePorts(file: string): Promise<{ ports: Ports; moved: PortName[] }> {
  const kept = parse(await readIfThere(file));
  const moved: PortName[] = [];
  const chosen = new Map<PortName, number>();
  for (const name of portNames) {
    const before = kept[name];
    if (before !== undefined && (await isFree(host, before))) {
      chosen.set(name, before);
      continue;
    }
    if (before !== undefined) moved.push(name);
    const taken = new Set([...chosen.values(), ...Object.values(kept)]);
    chosen.set(name, await freePort(taken));
  }
  const ports = Object.fromEntries(chosen) as Record<PortName, number>;
  await writeAtomically(file, `${JSON.stringify(ports, undefined, 2)}\n`);
  return { ports, moved };
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  const port = await findFreePort(host, range, randomInt(range.first, range.last), taken);
  if (port === undefined) throw new Error(`no free port between ${range.first} and ${range.last} on ${host}`);
  return port;
}

function parse(text: string | undefined): Readonly<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, port]) => Number.isInteger(port)));
  } catch {
    return {}; // Torn or edited: new ports cost nothing but a changed address.
  }
}

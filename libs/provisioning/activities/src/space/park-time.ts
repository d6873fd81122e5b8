import { annotations, parseGoDuration, type KubeObject } from '@samband/resources';
import type { Ports } from '../ports.js';

const day = 24 * 60 * 60 * 1_000;
const bounds = { min: 0, max: 366 * day };

export interface ParkTime {
  readonly ms: number;
  /** The same as a Go duration. */
  readonly text: string;
}

/** How long messages are kept: as the first of these objects says that says it in words we know, else a day. */
export function parkTime(...objects: readonly (Pick<KubeObject, 'metadata'> | undefined)[]): ParkTime {
  for (const object of objects) {
    const text = object?.metadata.annotations?.[annotations.parkFor];
    const ms = text === undefined ? undefined : parseGoDuration(text, bounds);
    if (text !== undefined && ms !== undefined) return { ms, text };
  }
  return { ms: day, text: '24h' };
}

export function destroyAtOf(parkedAt: string, ms: number): string {
  return new Date(Date.parse(parkedAt) + ms).toISOString();
}

/** By both clocks: one that was put forward must not cost messages their time. */
export function isDue(ports: Pick<Ports, 'now' | 'steadyNow'>, destroyAt: string): boolean {
  return Date.parse(destroyAt) <= Math.min(ports.now().getTime(), ports.steadyNow().getTime());
}

/** When something is parked now: by the later clock, for the same reason. */
export function parkedNow(ports: Pick<Ports, 'now' | 'steadyNow'>): string {
  return new Date(Math.max(ports.now().getTime(), ports.steadyNow().getTime())).toISOString();
}

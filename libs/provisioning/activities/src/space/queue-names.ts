import { harmless } from '@samband/resources';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';

/** Longest name that a status shows whole; those of declared addresses are never longer. */
const longest = 2_048;

/** The name of a queue as a status shows it. Clients choose those of their subscriptions, of any length. */
export function shownName({ sha256 }: Pick<Ports, 'sha256'>, name: string): string {
  const text = harmless(name);
  return text.length <= longest ? text : `${clip(text, 512)} ${sha256(name).slice(0, 16)}`;
}

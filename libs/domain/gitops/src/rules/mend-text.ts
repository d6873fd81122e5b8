import type { z } from 'zod';
import type { PathStep } from '../manifest.js';

/**
 * A text that was probably meant, of sizes, durations and user names that are written in another way than they are read.
 * What is given back fits the schema. `undefined` when nothing is known, and always for what may be a secret.
 */
export function mendText(schema: z.ZodType, text: string, path: readonly PathStep[]): string | undefined {
  if (text.length > 64 && path.at(-1) !== 'username') return undefined;
  const fits = (candidate: string): boolean => schema.safeParse(candidate).success;
  if (path.at(-1) === 'username') return [userName(text)].find(fits);
  if (fits('orders')) return undefined;
  if (fits('64Mb')) return brokerSizes(text).find(fits);
  if (fits('512Mi')) return quantities(text).find(fits);
  if (fits('5m')) return [duration(text)].find(fits);
  return undefined;
}

/** Letters without their accents, and dashes for what no user name may hold. */
function userName(text: string): string {
  return text
    .slice(0, 1_000)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_@.:-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 253)
    .replace(/[^a-z0-9]+$/, '');
}

const size = /^([0-9]*\.?[0-9]+)\s*([a-zA-Z]*)$/;

/** The broker's sizes are whole numbers of k, M or G, with or without a b. */
function brokerSizes(text: string): string[] {
  const [, amount = '', unit = ''] = size.exec(text.trim()) ?? [];
  const prefix = unit.charAt(0).toUpperCase();
  const smaller = { G: 'Mb', M: 'Kb', K: 'b' }[prefix];
  if (amount === '' || smaller === undefined) return [];
  const isWhole = /^[0-9]+$/.test(amount);
  return [isWhole ? `${amount}${prefix}b` : `${Math.ceil(Number(amount) * 1024)}${smaller}`];
}

/** Kubernetes' quantities end with k, M, G or Ki, Mi, Gi, without a b. */
function quantities(text: string): string[] {
  const [, amount = '', unit = ''] = size.exec(text.trim()) ?? [];
  const number = amount.startsWith('.') ? `0${amount}` : amount;
  const prefix = unit.charAt(0).toUpperCase();
  const isBinary = /^.i/i.test(unit);
  return [`${number}${unit}`, `${number}${prefix}${isBinary ? 'i' : ''}`, `${number}${prefix.toLowerCase()}`];
}

function duration(text: string): string {
  const short = text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/h(?:ou)?rs?|hours?/g, 'h')
    .replace(/min(?:ute)?s?/g, 'm')
    .replace(/sec(?:ond)?s?/g, 's');
  return /^[0-9]+$/.test(short) ? `${short}s` : short;
}

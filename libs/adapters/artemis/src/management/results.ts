import { errorCode, SambandError } from '@samband/errors';
import type { ItemResult } from '@samband/topology';
import { artemisCode } from './channel.js';

/** Refusals of Artemis that mean something to us. */
export const refusals = {
  queueMissing: 'AMQ229017',
  queueExists: 'AMQ229019',
  resourceMissing: 'AMQ229067',
  addressMissing: 'AMQ229203',
  addressExists: 'AMQ229204',
  addressHasBindings: 'AMQ229205',
} as const;

export function isRefusal(error: unknown, ...codes: (keyof typeof refusals)[]): boolean {
  const code = artemisCode(error);
  return code !== undefined && codes.some((each) => refusals[each] === code);
}

export const fine: ItemResult = { ok: true };

/** A refusal concerns one item; anything else (a lost broker) concerns all and is thrown on. */
export function failed(error: unknown): { ok: false; code: string; message: string } {
  const code = errorCode(error);
  if (code !== 'BROKER_REFUSED' && code !== 'BROKER_CONFLICT') throw error;
  return { ok: false, code, message: (error as SambandError).message };
}

export function conflict(message: string): SambandError {
  return new SambandError('BROKER_CONFLICT', message);
}

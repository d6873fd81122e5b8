// CommonJS whose names Node cannot see beforehand.
import proto from '@temporalio/proto';
import { lazyConnection, type TemporalAddress } from './connect.js';
import { isAlreadyExists, toTemporalError } from './failures.js';

/** The product's search attributes, all of type Keyword; their names are a public contract. */
export const searchAttributeNames = [
  'SambandNamespace',
  'SambandSource',
  'SambandSpace',
  'SambandPhase',
] as const;

const timeoutMs = 15_000;

/**
 * Registers those search attributes that the namespace does not have. Idempotent.
 * Throws TEMPORAL_UNAVAILABLE.
 */
export async function registerSearchAttributes(target: TemporalAddress): Promise<void> {
  const connection = lazyConnection(target);
  const { namespace } = target;
  try {
    await connection.withDeadline(Date.now() + timeoutMs, async () => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const known = new Set(Object.keys(customAttributes));
      const missing = searchAttributeNames.filter((name) => !known.has(name));
      if (missing.length === 0) return;
      const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    });
  } catch (error) {
    // Another process was a moment faster.
    if (!isAlreadyExists(error)) throw toTemporalError(error, 'search attributes');
  } finally {
    await connection.close();
  }
}

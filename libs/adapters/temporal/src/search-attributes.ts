// CommonJS whose names Node cannot see beforehand.
import proto from '@temporalio/proto';
import { searchAttributes } from '@samband/resources';
import { lazyConnection, type TemporalAddress } from './connect.js';
import { isAlreadyExists, toTemporalError } from './failures.js';

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
      const missing = Object.values(searchAttributes).filter((name) => !known.has(name));
      if (missing.length === 0) return;
      const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      });
    });
  } catch (error) {
    // Another process was a moment faster.
    if (!isAlreadyExists(error)) throw toTemporalError(error, 'search attributes');
  } finally {
    await connection.close();
  }
}

import { describe, expect, it } from '@jest/globals';
import type { BrokerAccess } from '@samband/topology';
import type { ManagementChannel } from './channel.js';
import { createPool } from './pool.js';

const options = { connections: 4, window: 250, connectTimeoutMs: 1, operationTimeoutMs: 1 };

describe('a pool of management connections', () => {
  it('opens each lost connection once, however many operations find it lost', async () => {
    const channels: { isLost: boolean; isClosed: boolean }[] = [];
    const pool = createPool({} as BrokerAccess, options, async (): Promise<ManagementChannel> => {
      const state = { isLost: false, isClosed: false };
      channels.push(state);
      await new Promise((resolve) => setImmediate(resolve));
      return {
        invoke: () => Promise.resolve(undefined),
        attribute: () => Promise.resolve(undefined),
        inFlight: () => 0,
        isOpen: () => !state.isLost,
        close: () => {
          state.isClosed = true;
          return Promise.resolve();
        },
      };
    });
    const bulk = (): Promise<unknown> =>
      pool.forEach(
        Array.from({ length: 1000 }, (_, index) => index),
        () => pool.invoke('broker', 'anything', []),
      );
    await bulk();
    expect(channels).toHaveLength(4);
    for (const channel of channels) channel.isLost = true;
    await bulk();
    expect(channels).toHaveLength(8);
    await pool.close();
    expect(channels.slice(4)).toEqual(Array.from({ length: 4 }, () => ({ isLost: false, isClosed: true })));
  });
});

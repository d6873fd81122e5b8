import { describe, expect, it } from '@jest/globals';
import type { Ports } from '@samband/activities';
import { taskQueues } from '@samband/contract';
import { createQueues } from './queues.js';

describe('a worker', () => {
  it('takes very many steps that wait, beside those that work', () => {
    const ports = { hostId: 'h' } as Ports;
    const unused = {} as never;
    const queues = createQueues(ports, unused, unused, unused);
    const slots = new Map(queues.map((queue) => [queue.taskQueue, queue.slots]));
    expect([...slots.keys()]).toEqual([taskQueues.control, taskQueues.waits, taskQueues.host('h')]);
    expect(slots.get(taskQueues.waits)).toBeGreaterThanOrEqual(2_000);
    expect(slots.get(taskQueues.control)).toBeLessThan(200);
  });
});

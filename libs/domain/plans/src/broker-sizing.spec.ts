import type { BrokeredInfraConfig } from '@samband/resources';
import { describe, expect, it } from '@jest/globals';
import { addressMaxBytes, brokerSizing } from './broker-sizing.js';

type Broker = NonNullable<NonNullable<BrokeredInfraConfig['spec']>['broker']>;

const MiB = 1024 * 1024;
const config = (broker: Broker): BrokeredInfraConfig => ({
  apiVersion: 'admin.enmasse.io/v1beta1',
  kind: 'BrokeredInfraConfig',
  metadata: { name: 'small' },
  spec: { broker },
});

describe('brokerSizing', () => {
  it.each<[string, Broker, object]>([
    [
      'half of the memory is heap, half of the heap is for messages',
      { resources: { memory: '512Mi' } },
      { heapMiB: 256, globalMaxBytes: 128 * MiB, addressFullPolicy: 'FAIL', maxQueues: 3276 },
    ],
    [
      'the least memory does when messages leave some',
      { resources: { memory: '256Mi' }, globalMaxSize: '32Mb' },
      { heapMiB: 128, maxQueues: 1638 },
    ],
    ['without memory it is 512Mi', {}, { heapMiB: 256 }],
    [
      'what messages do not need holds queues',
      { resources: { memory: '512Mi' }, globalMaxSize: '64Mb' },
      { heapMiB: 256, globalMaxBytes: 64 * MiB, maxQueues: 6553 },
    ],
    [
      '10,000 queues fit in 1Gi',
      { resources: { memory: '1Gi' }, globalMaxSize: '128Mb', addressFullPolicy: 'PAGE' },
      { heapMiB: 512, maxQueues: 16_384, addressFullPolicy: 'PAGE' },
    ],
    [
      '-Xmx decides the heap and is no further option',
      { resources: { memory: '1Gi' }, javaOpts: '-Xmx768m -Xss512k' },
      { heapMiB: 768, javaOptions: ['-Xss512k'] },
    ],
  ])('%s', (_, broker, sizing) => {
    expect(brokerSizing(config(broker))).toMatchObject({ ok: true, sizing });
  });

  it.each<[string, Broker, string]>([
    [
      'too little memory',
      { resources: { memory: '64Mi' } },
      'broker.resources.memory must be between 256Mi and 1Ti',
    ],
    [
      'memory beyond any machine',
      { resources: { memory: '900Pi' } },
      'broker.resources.memory must be between 256Mi and 1Ti',
    ],
    [
      'messages that leave no room',
      { globalMaxSize: '250Mb' },
      'broker.globalMaxSize leaves no memory for queues: the heap is 256 MiB, half of broker.resources.memory',
    ],
    [
      'memory of which nothing is left for queues',
      { resources: { memory: '256Mi' } },
      'broker.resources.memory leaves no memory for queues: of a heap of 128 MiB messages take half and the broker 64 MiB; raise it, or set broker.globalMaxSize',
    ],
    ['no memory for messages', { globalMaxSize: '0' }, 'broker.globalMaxSize must be a size of at least 1Mb'],
    [
      'a heap larger than the memory',
      { javaOpts: '-Xmx4g' },
      'broker.javaOpts: -Xmx must be at least 128m, and 128Mi less than broker.resources.memory',
    ],
    [
      'a heap that begins larger than it may be',
      { javaOpts: '-Xms300m' },
      'broker.javaOpts: -Xms must not be greater than the heap',
    ],
    [
      'memory beside the heap that the broker does not have',
      { javaOpts: '-Xss512k -XX:MaxMetaspaceSize=64m -XX:MaxDirectMemorySize=900g' },
      'broker.javaOpts: -XX:MaxDirectMemorySize=900g is more than broker.resources.memory leaves beside the heap',
    ],
    [
      'stacks that one thread would fill the broker with',
      { javaOpts: '-Xss900g' },
      'broker.javaOpts: -Xss900g is more than broker.resources.memory leaves beside the heap',
    ],
    [
      'an agent',
      { javaOpts: '-javaagent:/tmp/x.jar' },
      'broker.javaOpts: not allowed: -javaagent:/tmp/x.jar',
    ],
  ])('refuses %s', (_, broker, message) => {
    expect(brokerSizing(config(broker))).toEqual({
      ok: false,
      faults: [{ reason: 'Invalid', message: `infra config small: ${message}` }],
    });
  });

  it('names everything that is wrong', () => {
    const result = brokerSizing(
      config({ resources: { memory: '1' }, javaOpts: '-cp x', globalMaxSize: '1b' }),
    );
    expect(result.ok ? [] : result.faults).toHaveLength(3);
  });
});

describe('addressMaxBytes', () => {
  it('is the share of the credit', () => {
    expect(addressMaxBytes(10_000, 100 * MiB)).toBe(MiB);
    expect(addressMaxBytes(2_000_000, MiB)).toBe(2 * MiB);
  });
  it('is none without a credit', () => {
    expect(addressMaxBytes(0, MiB)).toBeUndefined();
  });
});

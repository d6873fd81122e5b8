import { describe, expect, it } from '@jest/globals';
import { SambandError } from '@samband/errors';
import type { LiveResources } from '../ports.js';
import { source } from '../testing/world.fixture.js';
import { StartLooks } from './start-looks.js';

describe('after a start', () => {
  it('every source looks once, one after the other, as soon as they are known', async () => {
    const told: string[] = [];
    let pauses = 0;
    const list: LiveResources['list'] = () => {
      if (pauses < 3) throw new SambandError('KUBERNETES_UNAVAILABLE', 'not listed yet');
      return [source('app'), source('web', {}, 'team2')];
    };
    const looks = new StartLooks({
      resources: { list } as LiveResources,
      inbox: { signal: ({ namespace, name }) => told.push(`${namespace}/${name} after ${pauses}`) },
      clock: {
        wall: () => 0,
        monotonic: () => 0,
        sleep: () => {
          pauses += 1;
          return Promise.resolve();
        },
      },
    });
    await looks.run();
    expect(told).toEqual(['team1/app after 3', 'team2/web after 4']);
  });
});

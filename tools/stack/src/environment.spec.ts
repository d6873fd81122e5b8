import { describe, expect, it } from '@jest/globals';
import { partEnvironment } from './environment.js';

describe('the environment of a part', () => {
  it('keeps out what belongs to other clusters and tools of the user', () => {
    const env = partEnvironment(
      { PATH: '/bin', HOME: '/h', KUBECONFIG: '/prod', NODE_OPTIONS: '--x', AWS_SECRET_ACCESS_KEY: 's' },
      {},
    );
    expect(env).toEqual({ PATH: '/bin', HOME: '/h' });
  });

  it('passes our own variables on and lets the part decide last', () => {
    const env = partEnvironment(
      { SAMBAND_LOG_LEVEL: 'debug', SAMBAND_API_PORT: '1' },
      { SAMBAND_API_PORT: '2' },
    );
    expect(env).toEqual({ SAMBAND_LOG_LEVEL: 'debug', SAMBAND_API_PORT: '2' });
  });

  it('passes proxies in either spelling', () => {
    expect(partEnvironment({ https_proxy: 'a', NO_PROXY: 'b' }, {})).toEqual({
      https_proxy: 'a',
      NO_PROXY: 'b',
    });
  });
});

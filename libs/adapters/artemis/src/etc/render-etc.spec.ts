import { describe, expect, it } from '@jest/globals';
import type { BrokerSpec } from '@samband/topology';
import { brokerFileNames as names, type BrokerLayout } from '../layout.js';
import { renderEtc } from './render-etc.js';

const spec: BrokerSpec = {
  id: 'a1b2c3d',
  namespace: 'team1',
  space: 'app',
  heapMiB: 256,
  globalMaxBytes: 1_000_000,
  addressFullPolicy: 'PAGE',
  javaOptions: [],
  defaults: {},
  authentication: 'standard',
};
const layout: BrokerLayout = {
  instanceDir: '/srv/<a&b>',
  host: '127.0.0.1',
  ports: { amqp: 1, amqps: 2, admin: 3 },
};
const kubernetes = { host: 'api', port: 6443, tokenPath: '/t', caPath: '/c' };

describe('files of a broker', () => {
  it('are the same for the same spec and layout', () => {
    expect(renderEtc(spec, layout)).toEqual(renderEtc({ ...spec }, { ...layout }));
    expect(Object.keys(renderEtc(spec, layout)).sort()).toEqual(
      [names.logging, names.brokerXml, names.loginConfig].sort(),
    );
  });

  it('carry the defaults of the plan in the setting of all addresses', () => {
    const xml = renderEtc(
      { ...spec, defaults: { maxDeliveryAttempts: 5, deadLetterAddress: 'a&b', maxSizeBytes: 5000 } },
      layout,
    )[names.brokerXml];
    expect(xml).toContain('<max-delivery-attempts>5</max-delivery-attempts>');
    expect(xml).toContain('<dead-letter-address>a&amp;b</dead-letter-address>');
    expect(xml).toContain('<max-size-bytes>5000</max-size-bytes><page-size-bytes>5000</page-size-bytes>');
    expect(xml).toContain('<expiry-address>$samband/expired</expiry-address>');
  });

  it('escape what comes from outside', () => {
    const xml = renderEtc(spec, layout)[names.brokerXml];
    expect(xml).toContain('/srv/&lt;a&amp;b&gt;/data/journal');
    expect(() => renderEtc({ ...spec, defaults: { deadLetterAddress: 'a\u0000' } }, layout)).toThrow(
      RangeError,
    );
  });

  it('ask for tokens only where there is an API server, and for nothing where nobody is known', () => {
    const login = (change: Partial<BrokerSpec>, where: BrokerLayout): string =>
      renderEtc({ ...spec, ...change }, where)[names.loginConfig] ?? '';
    expect(login({}, layout)).not.toContain('KubernetesLoginModule');
    expect(login({}, { ...layout, kubernetes })).toContain('KubernetesLoginModule');
    const open = login({ authentication: 'none' }, { ...layout, kubernetes });
    expect(open).toContain('GuestLoginModule');
    expect(open).not.toContain('KubernetesLoginModule');
    expect(renderEtc({ ...spec, authentication: 'none' }, layout)[names.brokerXml]).toContain(
      'saslMechanisms=ANONYMOUS,PLAIN',
    );
    expect(renderEtc(spec, layout)[names.brokerXml]).not.toContain('ANONYMOUS');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { AddressSpaceEndpoint } from '@samband/resources';
import { decideCertificate } from './decide-certificate.js';
import { endpointsOf, endpointStatus, exportData } from './endpoints.js';

const space = (...endpoints: AddressSpaceEndpoint[]): Parameters<typeof endpointsOf>[0] => ({
  metadata: { name: 'app', namespace: 'team1' },
  spec: { type: 'brokered', plan: 'small', ...(endpoints.length === 0 ? {} : { endpoints }) },
});

describe('endpoints', () => {
  it('are one called messaging when none is named', () => {
    expect(endpointsOf(space())).toEqual([
      { name: 'messaging', cert: {}, exports: [], isExposed: false, messages: [] },
    ]);
    expect(endpointsOf(space({ name: 'console', service: 'console' })).map(({ name }) => name)).toEqual([
      'messaging',
    ]);
  });

  it('keep what was asked for, with names for exports', () => {
    const [endpoint] = endpointsOf(
      space({
        name: 'messaging',
        service: 'messaging',
        cert: { provider: 'openshift' },
        exports: [{ name: 'messaging-config', kind: 'ConfigMap' }, { kind: 'Secret' }],
        expose: { type: 'loadbalancer', loadBalancerPorts: ['amqps'] },
      }),
    );
    expect(endpoint).toEqual({
      name: 'messaging',
      cert: { provider: 'openshift' },
      exports: [
        { kind: 'ConfigMap', name: 'messaging-config' },
        { kind: 'Secret', name: 'app-messaging' },
      ],
      isExposed: true,
      messages: [],
    });
  });

  it('say what they cannot serve', () => {
    expect(endpointsOf(space({ name: 'm', service: 'mqtt' }))[0]?.messages).toEqual([
      expect.stringContaining('mqtt'),
    ]);
  });

  it('are exported with the keys of EnMasse', () => {
    const target = { host: 'messaging-0a1b2c3.enmasse-infra.svc', ports: { amqps: 5671, amqp: 5672 } };
    expect(
      exportData({ ...target, ca: 'PEM', external: { host: 'mq.example', ports: { amqps: 443 } } }),
    ).toEqual({
      'service.host': 'messaging-0a1b2c3.enmasse-infra.svc',
      'service.port.amqp': '5672',
      'service.port.amqps': '5671',
      'external.host': 'mq.example',
      'external.port.amqps': '443',
      'ca.crt': 'PEM',
    });
    expect(Object.keys(exportData(target))).toEqual([
      'service.host',
      'service.port.amqp',
      'service.port.amqps',
    ]);
    expect(endpointStatus({ name: 'messaging', messages: [] }, target)).toEqual({
      name: 'messaging',
      serviceHost: target.host,
      servicePorts: [
        { name: 'amqp', port: 5672 },
        { name: 'amqps', port: 5671 },
      ],
    });
  });
});

describe('the certificate of a space', () => {
  const nothing = { openshift: false, wildcard: false };
  const endpoint = (
    name: string,
    cert: NonNullable<AddressSpaceEndpoint['cert']> = {},
  ): { name: string; cert: typeof cert } => ({ name, cert });
  const bundle = { provider: 'certBundle', tlsKey: 'a2V5', tlsCert: 'Y2VydA==' } as const;

  it('is self-signed, or the wildcard where there is one, when nobody asks', () => {
    expect(decideCertificate([endpoint('m')], nothing)).toEqual({
      source: { from: 'selfsigned' },
      asRequested: true,
      reason: 'Ready',
      message: '',
    });
    expect(decideCertificate([endpoint('m')], { ...nothing, wildcard: true }).source).toEqual({
      from: 'wildcard',
    });
    expect(
      decideCertificate([endpoint('m', { provider: 'selfsigned' })], { ...nothing, wildcard: true }).source,
    ).toEqual({ from: 'selfsigned' });
  });

  it('is self-signed where there is no OpenShift, and says so', () => {
    const decision = decideCertificate([endpoint('messaging', { provider: 'openshift' })], nothing);
    expect(decision).toMatchObject({
      source: { from: 'selfsigned' },
      asRequested: false,
      reason: 'SelfSigned',
    });
    expect(decision.message).toBe(
      'endpoint messaging asks for a certificate of OpenShift, which this is not: its certificate is self-signed, the CA to trust is in status.caCert',
    );
    expect(
      decideCertificate([endpoint('m', { provider: 'openshift' })], { ...nothing, openshift: true }),
    ).toMatchObject({
      source: { from: 'openshift' },
      asRequested: true,
    });
    expect(decideCertificate([endpoint('m', { provider: 'wildcard' })], nothing)).toMatchObject({
      reason: 'SelfSigned',
    });
  });

  it('is the bundle of the endpoint that brings one', () => {
    expect(decideCertificate([endpoint('a'), endpoint('m', bundle)], nothing)).toMatchObject({
      source: { from: 'certBundle', endpoint: 'm', tlsKey: 'a2V5', tlsCert: 'Y2VydA==' },
      asRequested: true,
    });
    expect(decideCertificate([endpoint('m', { provider: 'certBundle' })], nothing)).toMatchObject({
      source: { from: 'selfsigned' },
      reason: 'Invalid',
      message: expect.stringContaining('tlsKey'),
    });
  });

  it('is one for all endpoints: those that asked for another are told', () => {
    const decision = decideCertificate(
      [
        endpoint('a', bundle),
        endpoint('b', { ...bundle, tlsKey: 'b3RoZXI=' }),
        endpoint('c', { provider: 'selfsigned' }),
      ],
      nothing,
    );
    expect(decision).toMatchObject({ source: { endpoint: 'a' }, asRequested: false, reason: 'Unsupported' });
    expect(decision.message).toMatch(/^endpoint b asks.*; endpoint c asks/);
    expect(decision.message).not.toContain('b3RoZXI=');
  });
});

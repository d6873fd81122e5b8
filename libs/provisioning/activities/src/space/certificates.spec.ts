import { describe, expect, it } from '@jest/globals';
import { findCondition } from '@samband/resources';
import { assessSpace } from './assess.js';
import { SpaceWorld } from './space.spec-helper.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the certificate that a team brings', () => {
  const brought = (tlsCert: string): Promise<SpaceWorld> =>
    new SpaceWorld().withSpace({
      spec: {
        endpoints: [
          {
            name: 'messaging',
            service: 'messaging',
            cert: { provider: 'certBundle', tlsKey: base64('key'), tlsCert: base64(tlsCert) },
          },
        ],
      },
    });

  it('reaches the broker in the form that it reads', async () => {
    const world = await brought('chain');
    await world.worker().bringUp();
    expect(world.infra.files(world.id)).toMatchObject({ 'tls.crt': 'chain', 'tls.key': 'PKCS #8 of key' });
  });

  it('is said not to fit where it is not for the host that is exported', async () => {
    const remarks = async (tlsCert: string): Promise<unknown> => {
      const world = await brought(tlsCert);
      await world.worker().bringUp();
      return (await world.space()).status?.endpointStatuses?.[0]?.messages;
    };
    expect(await remarks('for another host')).toEqual([
      expect.stringContaining('is not for localhost, the host that is exported'),
    ]);
    expect(await remarks('chain')).toBeUndefined();
  });

  it('is refused with its fault when it cannot serve', async () => {
    const world = await brought('broken');
    await expect(world.worker().bringUp()).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
      message: expect.stringContaining('it is broken'),
    });
  });
});

describe('the certificate that lies in a Secret of the team', () => {
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'brought' };
  const secret = (data: Record<string, string>, namespace = 'team') => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: 'brought' },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])),
  });
  const asking = (): Promise<SpaceWorld> =>
    new SpaceWorld().withSpace({
      spec: {
        endpoints: [
          {
            name: 'messaging',
            service: 'messaging',
            cert: { provider: 'certBundle', secretName: 'brought' },
          },
        ],
      },
    });

  it('reaches the broker, and a changed one takes its place', async () => {
    const world = await asking();
    await world.add(secret({ 'tls.key': 'key', 'tls.crt': 'chain' }));
    await world.worker().bringUp();
    expect(world.infra.files(world.id)).toMatchObject({ 'tls.crt': 'chain', 'tls.key': 'PKCS #8 of key' });
    expect(findCondition((await world.space()).status?.conditions, 'CertificateAsRequested')).toMatchObject({
      status: 'True',
    });
    expect(findCondition((await world.space()).status?.conditions, 'FieldsIgnored')).toBeUndefined();
    await world.edit(ref, { data: { 'tls.crt': base64('newer chain') } });
    await world.worker().bringUp();
    expect(world.infra.files(world.id)).toMatchObject({ 'tls.crt': 'newer chain' });
  });

  it.each([
    ['is not there', [], 'does not exist in team'],
    ['lacks a key', [secret({ 'tls.crt': 'chain' })], 'has no key tls.key'],
    [
      'lies in the infra namespace alone, where others keep theirs',
      [secret({ 'tls.key': 'key', 'tls.crt': 'chain' }, 'enmasse-infra')],
      'does not exist in team',
    ],
  ])('is asked for when it %s, and the broker keeps the one it has', async (_, objects, message) => {
    const world = await asking();
    await world.add(secret({ 'tls.key': 'key', 'tls.crt': 'chain' }));
    await world.worker().bringUp();
    await world.remove(ref);
    for (const object of objects) await world.add(object);
    expect(await assessSpace(world.ports(), { namespace: 'team', name: 'app' })).toMatchObject({
      kind: 'blocked',
      failure: { code: 'UnknownSecret', message: expect.stringContaining(message), retry: 'never' },
    });
    expect(world.infra.files(world.id)).toMatchObject({ 'tls.crt': 'chain' });
  });
});

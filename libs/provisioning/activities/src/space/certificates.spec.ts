import { describe, expect, it } from '@jest/globals';
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

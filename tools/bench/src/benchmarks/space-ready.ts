import type { Kube, Stage } from '@samband/driver';
import type { Benchmark } from '../benchmark.js';
import { isReady, poll, push } from '../commit.js';
import { addressFiles, spaceFiles, spaceName } from '../manifests.js';
import { archiveOf, brokerStarts } from '../raw/broker-start.js';
import { median } from '../statistics.js';

const addresses = 10;
const rounds = 3;

export const spaceReady: Benchmark = {
  name: 'space_ready_s',
  unit: 's',
  limit: 8,
  reference: 0.65,
  allows: 'up to',
  run: async (world) => {
    const found: number[] = [];
    let archive: string | undefined;
    for (let round = 1; round <= rounds; round += 1) {
      const stage = await world.stage();
      const namespace = `bench-new-${round}`;
      const others = new Set(stage.brokerPids());
      found.push(await newSpace(stage, namespace));
      archive = stage
        .brokerPids()
        .filter((pid) => !others.has(pid))
        .map(archiveOf)[0];
      // Its broker would take memory from those that come after it.
      await stage.kube.delete('AddressSpace', namespace, spaceName);
      await stage.kube.gone('AddressSpace', namespace, spaceName);
    }
    world.say(`new spaces: ${found.map((one) => one.toFixed(1)).join(', ')} s`);
    const starts = await brokerStarts(archive, rounds);
    world.say(
      `raw, starts of a broker ${archive === undefined ? 'without' : 'with'} an archive of classes: ` +
        `${starts.map((one) => one.toFixed(1)).join(', ')} s`,
    );
    return { value: median(found), raw: median(starts) };
  },
};

async function newSpace(stage: Stage, namespace: string): Promise<number> {
  const team = await stage.team(namespace);
  const files = { ...spaceFiles(), ...addressFiles(addresses) };
  const { at } = await push(team, files, 'A space with ten addresses and a user');
  const { kube } = stage;
  // The space comes last: it is looked at alone until it is Ready.
  await poll(at, async () => {
    const space = await kube.get('AddressSpace', namespace, spaceName);
    return space !== undefined && isReady(space);
  });
  return poll(at, () => areAllReady(kube, namespace));
}

async function areAllReady(kube: Kube, namespace: string): Promise<boolean> {
  const [spaces, queues, users] = await Promise.all([
    kube.list('AddressSpace', namespace),
    kube.list('Address', namespace),
    kube.list('MessagingUser', namespace),
  ]);
  if (queues.length !== addresses || users.length !== 1) return false;
  return [...spaces, ...queues, ...users].every(isReady);
}

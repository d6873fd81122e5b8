import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, mkdirSync, cpSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@samband/testing';
import type { Scenario } from '../scenario.js';
import { brokerOf } from './broker.js';
import { complains, keeper, lookAgain, recovery, spaceReady } from './checks.js';

/** Brokers stop taking messages when less than 200 MiB are free: so much, and room for a journal. */
const diskMiB = 320;
/** With nothing at all left a broker dies, starts, and dies again. */
const leftMiB = 50;

/** A disk of its own for a folder, with what the folder held; only root may mount one. */
function mountSmall(folder: string): string | undefined {
  try {
    renameSync(folder, `${folder}.away`);
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', folder], { stdio: 'pipe' });
    cpSync(`${folder}.away`, folder, { recursive: true });
    return undefined;
  } catch (error) {
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.away`, folder);
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

/** Back to the large disk, with what the small one holds. */
function unmountSmall(folder: string): void {
  rmSync(`${folder}.away`, { recursive: true });
  cpSync(folder, `${folder}.away`, { recursive: true });
  execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true });
  renameSync(`${folder}.away`, folder);
}

const diskFull: Scenario = {
  group: 'dependency',
  name: 'disk of a broker is full',
  short: false,
  run: async (world) => {
    const [{ tenant, works }, neighbour] = [await keeper(world), await keeper(world)];
    const broker = await brokerOf(world, tenant);
    const data = path.join(broker.folder, 'data');
    const ballast = path.join(data, 'ballast');
    // Stopped while its journal moves; what it had open is then on the old disk, so it is started anew.
    broker.signal('SIGSTOP');
    const refusal = mountSmall(data);
    const pid = broker.pid();
    process.kill(pid, 'SIGKILL');
    if (refusal !== undefined) {
      await spaceReady(world, tenant);
      await world.remove(tenant);
      await world.remove(neighbour.tenant);
      return `NOT DONE on this machine, which lets nobody mount a disk: ${refusal}`;
    }
    let said = '';
    try {
      await eventually(() => broker.pid() !== pid, recovery);
      await eventually(works, recovery);
      const { bavail, bsize } = statfsSync(data);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - leftMiB * 2 ** 20));
      // The broker itself looks at its disk every few seconds: until then a message still goes through.
      said = await eventually(async () => {
        await lookAgain(world, tenant);
        return complains(world, tenant, /^ProbeFailed/, { timeoutMs: 30_000, intervalMs: 250 });
      }, recovery);
      await neighbour.works();
      rmSync(ballast);
      await spaceReady(world, tenant);
      await eventually(works, recovery);
    } finally {
      rmSync(ballast, { force: true });
      const again = broker.pid();
      broker.signal('SIGSTOP');
      unmountSmall(data);
      process.kill(again, 'SIGKILL');
    }
    await eventually(works, recovery);
    await spaceReady(world, tenant);
    await world.remove(tenant);
    await world.remove(neighbour.tenant);
    return `says "${said}", Ready again once there is room, messages kept, neighbour untouched`;
  },
};

export const scenarios: readonly Scenario[] = [diskFull];

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { javaCommand } from '@samband/artemis';
import { artemisHome, startTestBroker, testBrokerJar } from '@samband/artemis/testing';
import { seconds } from '../statistics.js';
import { heapMiB } from './servers.js';

const tryEveryMs = 5;

/**
 * Seconds that a broker without any address takes from the start of its process until its port accepts a connection,
 * several times. With the product's archive of classes, if there is one.
 */
export async function brokerStarts(archive: string | undefined, rounds: number): Promise<number[]> {
  const broker = await startTestBroker({ spec: { heapMiB } });
  const { instanceDir, ports } = broker.layout;
  // The spec's broker removes its folder when it stops; ours starts in a copy of it, at the same place.
  const kept = path.join(await mkdtemp(path.join(tmpdir(), 'samband-bench-')), 'broker');
  await cp(instanceDir, kept, { recursive: true });
  await broker.stop();
  await rename(kept, instanceDir);
  const { file, args } = javaCommand(broker.spec, broker.layout, {
    artemisHome: artemisHome(),
    jar: await testBrokerJar(),
    ...(archive === undefined ? {} : { cdsArchive: archive }),
  });
  const found: number[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const began = performance.now();
      const java = spawn(file, args, { stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => {
        java.on('exit', () => {
          resolve();
        });
      });
      try {
        found.push(await seconds(() => accepted(ports.amqps, began)));
      } finally {
        java.kill('SIGKILL');
        await ended;
      }
    }
  } finally {
    await rm(instanceDir, { recursive: true, force: true });
    await rm(path.dirname(kept), { recursive: true, force: true });
  }
  return found;
}

/** The archive of classes that a running broker was started with. */
export function archiveOf(pid: number): string | undefined {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return args.find((arg) => arg.startsWith('-XX:SharedArchiveFile='))?.split('=')[1];
}

async function accepted(port: number, began: number): Promise<void> {
  while (!(await accepts(port))) {
    if (performance.now() - began > 60_000) throw new Error('a bare broker does not start within 60 s');
    await sleep(tryEveryMs);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

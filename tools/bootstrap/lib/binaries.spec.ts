import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assetsFolder, binaries, findBinary } from './binaries.mjs';

let folder: string;
const etcd = binaries.find(({ name }) => name === 'etcd')!;
const temporal = binaries.find(({ name }) => name === 'temporal')!;
const kubectl = binaries.find(({ name }) => name === 'kubectl')!;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-bin-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A program that prints one line, whatever it is asked. */
function program(where: string, name: string, prints: string): string {
  const file = path.join(folder, where, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${prints}"\n`);
  chmodSync(file, 0o755);
  return file;
}

const cache = (): string => path.join(folder, 'cache');
const environment = (more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  PATH: path.join(folder, 'path'),
  ...more,
});

describe('a binary', () => {
  it('comes from the variable before all else, whatever its version', async () => {
    const given = program('given', 'etcd', 'etcd Version: 3.5.1');
    program('path', 'etcd', 'etcd Version: 3.6.7');
    expect(await findBinary(etcd, cache(), environment({ KUBEBUILDER_ASSETS: path.dirname(given) }))).toBe(
      given,
    );
    const cli = program('given', 'my-temporal', 'temporal version 9');
    expect(await findBinary(temporal, cache(), environment({ TEMPORAL_CLI: cli }))).toBe(cli);
  });

  it('comes from PATH when its version fits, before the cache', async () => {
    const onPath = program('path', 'etcd', 'etcd Version: 3.6.9');
    program('cache/bin', 'etcd', 'etcd Version: 3.6.7');
    expect(await findBinary(etcd, cache(), environment())).toBe(onPath);
  });

  it('comes from the cache when the one on PATH does not fit', async () => {
    program('path', 'etcd', 'etcd Version: 3.5.12');
    const cached = program('cache/bin', 'etcd', 'etcd Version: 3.6.7');
    expect(await findBinary(etcd, cache(), environment())).toBe(cached);
  });

  it('is built when there is none that fits', async () => {
    program('path', 'kubectl', 'Client Version: v1.36.3-dispatcher');
    program('cache/bin', 'kubectl', 'Client Version: v1.35.0');
    expect(await findBinary(kubectl, cache(), environment())).toBeUndefined();
  });

  it('is built anew when the Temporal server at hand is one with known holes', async () => {
    program('path', 'temporal', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
    expect(await findBinary(temporal, cache(), environment())).toBeUndefined();
    const mended = program('cache/bin', 'temporal', 'temporal version 0.0.0-DEV (Server 1.29.7, UI 2.42.1)');
    expect(await findBinary(temporal, cache(), environment())).toBe(mended);
  });

  it('is not taken from a variable that names an empty folder', async () => {
    const cached = program('cache/bin', 'etcd', 'etcd Version: 3.6.7');
    expect(await findBinary(etcd, cache(), environment({ KUBEBUILDER_ASSETS: folder }))).toBe(cached);
  });
});

describe('the folder of all binaries', () => {
  it('is theirs when they share one', async () => {
    const a = program('bin', 'etcd', '');
    const b = program('bin', 'kubectl', '');
    const files = new Map([
      ['etcd', a],
      ['kubectl', b],
    ]);
    expect(await assetsFolder(files, cache())).toBe(path.join(folder, 'bin'));
  });

  it('is one of links when they do not, the same at the next run', async () => {
    const a = program('one', 'etcd', '');
    const b = program('two', 'kubectl', '');
    const files = new Map([
      ['etcd', a],
      ['kubectl', b],
    ]);
    const links = await assetsFolder(files, cache());
    expect(readdirSync(links).sort()).toEqual(['etcd', 'kubectl']);
    expect(realpathSync(path.join(links, 'kubectl'))).toBe(realpathSync(b));
    expect(await assetsFolder(files, cache())).toBe(links);
  });
});

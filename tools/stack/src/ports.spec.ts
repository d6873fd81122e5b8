import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { choosePorts, portNames } from './ports.js';

let folder: string;
let file: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-ports-'));
  file = path.join(folder, 'ports.json');
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

describe('the ports of a stack', () => {
  it('are all different', async () => {
    const { ports } = await choosePorts(file);
    expect(new Set(Object.values(ports)).size).toBe(portNames.length);
  });

  it('stay the same at the next start', async () => {
    const first = await choosePorts(file);
    expect(await choosePorts(file)).toEqual({ ports: first.ports, moved: [] });
  });

  it('move one by one when another program took them', async () => {
    const first = await choosePorts(file);
    await occupy(first.ports.api);
    const second = await choosePorts(file);
    expect(second.moved).toEqual(['api']);
    expect(second.ports.api).not.toBe(first.ports.api);
    expect({ ...second.ports, api: 0 }).toEqual({ ...first.ports, api: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(second.ports);
  });

  it('are chosen anew when the file is torn', async () => {
    writeFileSync(file, '{"api": 20');
    expect((await choosePorts(file)).moved).toEqual([]);
  });
});

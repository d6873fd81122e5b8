import { closeSync, copyFileSync, mkdirSync, openSync, renameSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

const cap = 32 * 1024 * 1024;
const kept = 3;
/** How often logs are looked at. */
export const logsEveryMs = 60_000;

/**
 * Logs of the parts, one file each: `<part>.log`, and `<part>.1.log` to `<part>.3.log` of earlier starts. Parts
 * write into the file themselves, so they go on when the supervisor dies.
 */
export class Logs {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  file(name: string): string {
    return path.join(this.folder, `${name}.log`);
  }

  /** Begins a new log for this start of the stack. */
  rotate(name: string): void {
    for (let index = kept; index >= 1; index -= 1) {
      const from = index === 1 ? this.file(name) : path.join(this.folder, `${name}.${index - 1}.log`);
      try {
        renameSync(from, path.join(this.folder, `${name}.${index}.log`));
      } catch {
        // Not that many earlier logs yet.
      }
    }
  }

  /** Gives `use` a descriptor to append to. */
  withDescriptor<T>(name: string, use: (descriptor: number) => T): T {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 }); // Somebody may have cleaned up meanwhile.
    const descriptor = openSync(this.file(name), 'a', 0o600);
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Cuts a log that outgrew its cap, keeping its content as the previous one. Writers append, so they go on. */
  cut(name: string): void {
    try {
      if (statSync(this.file(name)).size < cap) return;
      copyFileSync(this.file(name), path.join(this.folder, `${name}.1.log`));
      truncateSync(this.file(name));
    } catch {
      // No log yet.
    }
  }

  /** The last lines, at most `count`, for telling why a part does not start. */
  async tail(name: string, count: number): Promise<string[]> {
    const handle = await open(this.file(name), 'r').catch(() => undefined);
    if (handle === undefined) return [];
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, 16_384);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
    } finally {
      await handle.close();
    }
  }
}

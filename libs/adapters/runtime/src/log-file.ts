import { copyFile, open, rename, stat, truncate } from 'node:fs/promises';
import { redactText } from '@samband/observability';

const keepBytes = 16 * 1024 * 1024;
const tailBytes = 16 * 1024;
const tailLines = 8;

export async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Text that was appended since the file had `offset` bytes; at most the last 256 KiB of it. */
export async function readSince(file: string, offset: number): Promise<string> {
  const size = await sizeOf(file);
  return await readRange(file, Math.max(offset, size - 256 * 1024), size);
}

/** The last lines, without what looks like a credential; for messages. */
export async function lastLines(file: string, offset: number): Promise<string> {
  const size = await sizeOf(file);
  const text = await readRange(file, Math.max(offset, size - tailBytes), size);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return redactText(
    lines
      .slice(-tailLines)
      .map((line) => line.slice(0, 300))
      .join('\n'),
  );
}

/** Before a start: puts a long log aside. */
export async function rotate(file: string): Promise<void> {
  if ((await sizeOf(file)) > keepBytes) await rename(file, `${file}.1`);
}

/** While the broker writes to it: copies a long log aside and empties it. */
export async function cutDown(file: string): Promise<void> {
  if ((await sizeOf(file)) <= keepBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file, 0);
}

async function readRange(file: string, from: number, to: number): Promise<string> {
  if (to <= from) return '';
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

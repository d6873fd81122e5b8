import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Name of this machine for as long as its brokers' files are there. Not its host name: laptops change that, and
 * the brokers would be nobody's. Two workers started at once agree: the first file stays.
 */
export async function readHostId(stateDir: string): Promise<string> {
  const file = path.join(stateDir, 'host-id');
  await mkdir(stateDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, randomBytes(6).toString('hex'), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}

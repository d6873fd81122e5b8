import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ManagementPool } from './pool.js';

/**
 * Which matches were written into a broker, and a digest of what. Artemis cannot list the matches it has, and one
 * that is forgotten would go on granting. So the list is kept in the broker itself, as role names of security
 * settings that match nothing: in the same journal, with the same life.
 */
export interface Ledger {
  /** Match → digest of what it carries; the empty digest means "not known": a write may have been cut off. */
  read(): Promise<Map<string, string>>;
  /** Replaces it as a whole: a crash leaves either the old or the new one. */
  write(entries: ReadonlyMap<string, string>): Promise<void>;
}

/** A record of the journal, two bytes per character, must fit one of its files (1 MiB). */
const chunkCharacters = 200_000;

export function createLedger(pool: ManagementPool, name: 'permissions' | 'settings'): Ledger {
  const headMatch = `$samband/ledger/${name}`;
  const chunkMatch = (slot: string, chunk: number): string => `${headMatch}/${slot}/${chunk}`;
  const readHead = async (): Promise<{ slot: string; chunks: number } | undefined> => {
    const head = /^([ab])\.(\d{1,4})$/.exec(await readText(pool, headMatch));
    return head === null ? undefined : { slot: head[1] ?? 'a', chunks: Number(head[2]) };
  };
  return {
    read: async () => {
      const head = await readHead();
      if (head === undefined) return new Map();
      const parts: string[] = [];
      for (let chunk = 0; chunk < head.chunks; chunk += 1) {
        parts.push(await readText(pool, chunkMatch(head.slot, chunk)));
      }
      return decode(parts.join(''));
    },
    write: async (entries) => {
      const text = encode(entries);
      const slot = (await readHead())?.slot === 'a' ? 'b' : 'a';
      const chunks = Math.ceil(text.length / chunkCharacters);
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const part = text.slice(chunk * chunkCharacters, (chunk + 1) * chunkCharacters);
        await writeText(pool, chunkMatch(slot, chunk), part);
      }
      await writeText(pool, headMatch, `${slot}.${chunks}`);
    },
  };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

async function writeText(pool: ManagementPool, match: string, text: string): Promise<void> {
  await pool.invoke('broker', 'addSecuritySettings', [match, JSON.stringify({ browse: [text] })]);
}

async function readText(pool: ManagementPool, match: string): Promise<string> {
  const answer = await pool.invoke('broker', 'getRolesAsJSON', [match]);
  const roles: unknown = typeof answer === 'string' ? JSON.parse(answer) : [];
  const [role] = Array.isArray(roles) ? (roles as { name?: unknown }[]) : [];
  return typeof role?.name === 'string' ? role.name : '';
}

/** base64url, because the broker keeps the roles of a match as one text with commas between. */
function encode(entries: ReadonlyMap<string, string>): string {
  return gzipSync(JSON.stringify([...entries])).toString('base64url');
}

function decode(text: string): Map<string, string> {
  if (text === '') return new Map();
  return new Map(
    JSON.parse(gunzipSync(Buffer.from(text, 'base64url')).toString('utf8')) as [string, string][],
  );
}

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { brokerFileNames } from '@samband/artemis';
import { SambandError } from '@samband/errors';
import { readIfThere, steadyNow, writeAtomically } from '@samband/processes';
import type { BrokerFiles } from '@samband/topology';

/** Files that are read while the broker lives and are written from outside; the rest is the runtime's. */
const writable: ReadonlySet<string> = new Set([
  brokerFileNames.tls,
  brokerFileNames.adminTls,
  brokerFileNames.adminCa,
  brokerFileNames.users,
  brokerFileNames.scramUsers,
  brokerFileNames.roles,
  brokerFileNames.serviceAccountRoles,
  brokerFileNames.certificateUsers,
  brokerFileNames.admission,
]);

const maxBytes = 16 * 1024 * 1024;

/**
 * Artemis reads a file again when its time stamp is later than the moment of the last reading, by the clock.
 * The kernel's stamps lag some ms behind the clock, so a file written right before a reading of its older
 * self would never be read: its stamp is put a little into the future. For the same reason a wall clock that was
 * put back does not put the stamps back.
 */
const stampAheadMs = 50;

/** @param folder of the broker; made when it is missing */
export function brokerFilesIn(folder: string): BrokerFiles {
  const pathOf = (name: string): string => {
    if (!writable.has(name)) {
      throw new SambandError('BAD_REQUEST', `${JSON.stringify(name)} is none of a broker's live files`);
    }
    return path.join(folder, name);
  };
  return {
    read: async (name) => await readIfThere(pathOf(name)),
    write: async (files) => {
      const entries = Object.entries(files).map(([name, content]) => ({ name, content, file: pathOf(name) }));
      const oversized = entries.find(({ content }) => Buffer.byteLength(content) > maxBytes);
      if (oversized !== undefined) {
        throw new SambandError('BAD_REQUEST', `${oversized.name} would be larger than ${maxBytes} bytes`);
      }
      const written: string[] = [];
      for (const { name, content, file } of entries) {
        if ((await readIfThere(file)) === content) continue;
        await writeAtomically(file, content, { modified: await nextStamp(file) });
        written.push(name);
      }
      return written;
    },
  };
}

/**
 * Later than now, and than the stamp of the file that is replaced; by a whole ms as Java counts, although the
 * system may cut the last microsecond of a stamp off.
 */
async function nextStamp(file: string): Promise<Date> {
  const before = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  return new Date(Math.max(Math.max(Date.now(), steadyNow()) + stampAheadMs, Math.floor(before) + 2));
}

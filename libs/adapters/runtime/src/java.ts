import { createHash } from 'node:crypto';
import { access, constants, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { SambandError } from '@samband/errors';

/** The Java to run brokers with: `JAVA_HOME`, else the first on the PATH; links followed. */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { JAVA_HOME: home, PATH: folders = '' } = environment;
  const candidates = [
    ...(home === undefined || home === '' ? [] : [path.join(home, 'bin', 'java')]),
    ...folders
      .split(path.delimiter)
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, 'java')),
  ];
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return await realpath(candidate);
  }
  throw new SambandError(
    'BROKER_START_FAILED',
    'there is no java: install Java 17 or later, or set JAVA_HOME',
  );
}

/** What a class archive depends on: this very Java, and the class path as it is spelled. */
export async function archiveKey(java: string, classPath: string): Promise<string> {
  const modules = path.join(path.dirname(java), '..', 'lib', 'modules');
  const identity = await stat(modules).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => '',
  );
  return createHash('sha256').update(`${java}\n${identity}\n${classPath}`).digest('hex').slice(0, 16);
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SambandError } from '@samband/errors';
import { jarsOf } from '../java-command.js';

export interface BrokerJarOptions {
  readonly cacheDir: string;
  /** Unpacked Artemis distribution: our classes are compiled against its. */
  readonly artemisHome: string;
  /** The Java that brokers run with; a JDK. */
  readonly java: string;
}

const sources = fileURLToPath(new URL('../../java', import.meta.url));
const run = promisify(execFile);

/**
 * The jar of what is ours in a broker (ADR 0013), compiled from `java/` where that was not done yet: its name tells what it
 * was made of. About 2 s, once.
 *
 * @throws SambandError BROKER_START_FAILED when this Java cannot compile
 */
export async function brokerJar(options: BrokerJarOptions): Promise<string> {
  const jar = path.join(options.cacheDir, `samband-broker-${await keyOf(options.artemisHome)}.jar`);
  const isThere = await access(jar).then(
    () => true,
    () => false,
  );
  if (!isThere) await make(jar, options);
  return jar;
}

async function make(jar: string, { cacheDir, artemisHome, java }: BrokerJarOptions): Promise<void> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  // Two that make it at the same time make the same; the later one replaces the earlier.
  const folder = await mkdtemp(path.join(cacheDir, 'broker-jar-'));
  try {
    const classes = path.join(folder, 'classes');
    await cp(path.join(sources, 'META-INF'), path.join(classes, 'META-INF'), { recursive: true });
    const names = await javaFiles();
    const theirs = jarsOf(artemisHome).join(path.delimiter);
    await tool(java, 'jdk.compiler/com.sun.tools.javac.Main', [
      ...['--release', '17', '-cp', theirs, '-d', classes],
      ...names.map((name) => path.join(sources, name)),
    ]);
    const made = path.join(folder, 'broker.jar');
    await tool(java, 'jdk.jartool/sun.tools.jar.Main', ['-cf', made, '-C', classes, '.']);
    await rename(made, jar);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tool(java: string, main: string, args: readonly string[]): Promise<void> {
  try {
    await run(java, ['-m', main, ...args]);
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    const reason = stderr.includes('not found')
      ? 'a JDK of version 17 or later is needed, not a JRE alone; set JAVA_HOME to one'
      : stderr.split('\n', 1).join('');
    throw new SambandError(
      'BROKER_START_FAILED',
      `our part of brokers cannot be compiled with ${java}: ${reason}`,
      { cause },
    );
  }
}

/** Depends on the sources and on what they are compiled against. */
async function keyOf(artemisHome: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    jarsOf(artemisHome)
      .map((jar) => path.basename(jar))
      .join('\n'),
  );
  for (const name of await javaFiles())
    hash.update(`\n${name}\n`).update(await readFile(path.join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

async function javaFiles(): Promise<string[]> {
  const names = await readdir(sources, { recursive: true });
  return names.filter((name) => name.endsWith('.java')).sort();
}

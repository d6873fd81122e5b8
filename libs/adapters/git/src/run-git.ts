import { existsSync } from 'node:fs';
import { SambandError } from '@samband/errors';
import { launch } from './launcher.js';

export interface GitCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  /** Takes output as it comes; returning `false` ends the command. Without it output is collected. */
  readonly onOutput?: (chunk: Buffer) => boolean;
  /** Asked four times a second; an error it gives ends the command. */
  readonly watch?: () => Promise<SambandError | undefined>;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** At most 16 KiB, the end of it. */
  readonly stderr: string;
  /** `onOutput` had enough. */
  readonly isCut: boolean;
}

const MAX_COLLECTED = 4 * 1024 * 1024;
const MAX_STDERR = 16 * 1024;
const WATCH_MS = 250;

/**
 * Runs git without a shell, in a process group of its own that is killed as a whole: on a timeout (GIT_TIMEOUT), on
 * abort (the signal's reason), when output is refused or the watch finds something.
 */
export async function runGit(command: GitCommand): Promise<GitResult> {
  command.signal?.throwIfAborted();
  let failure: unknown;
  let isCut = false;
  const stdout: Buffer[] = [];
  let collected = 0;
  let stderr = Buffer.alloc(0);
  const { binary, args, cwd, env, input } = command;
  const launched = launch({
    binary,
    args,
    cwd,
    env,
    input,
    onStdout: (chunk) => {
      if (isCut) return;
      collected += chunk.length;
      const goesOn = command.onOutput === undefined ? collected <= MAX_COLLECTED : command.onOutput(chunk);
      if (!goesOn) {
        isCut = true;
        launched.kill();
      } else if (command.onOutput === undefined) stdout.push(chunk);
    },
    onStderr: (chunk) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR);
    },
  });
  const end = (error: unknown): void => {
    failure ??= error;
    launched.kill();
  };
  const onAbort = (): void => {
    end(command.signal?.reason ?? new Error('aborted'));
  };
  command.signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    end(timedOut(command));
  }, command.timeoutMs);
  const watcher = command.watch === undefined ? undefined : startWatch(command.watch, end);

  try {
    const code = await launched.ended;
    if (failure !== undefined) throw failure as Error;
    return { code, stdout: Buffer.concat(stdout), stderr: stderr.toString('utf8'), isCut };
  } catch (error) {
    // Node says the same of a program and of a folder that is missing.
    if (isMissing(error)) throw existsSync(cwd) ? noGit(binary, error) : noFolder(error);
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(watcher);
    command.signal?.removeEventListener('abort', onAbort);
  }
}

function startWatch(
  watch: () => Promise<SambandError | undefined>,
  end: (error: unknown) => void,
): NodeJS.Timeout {
  let isAsking = false;
  return setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    watch()
      .then((error) => {
        if (error !== undefined) end(error);
      }, end)
      .finally(() => {
        isAsking = false;
      });
  }, WATCH_MS);
}

function timedOut({ args, timeoutMs }: GitCommand): SambandError {
  const seconds = Math.round(timeoutMs / 1000);
  return new SambandError(
    'GIT_TIMEOUT',
    `git ${args[0] ?? ''} took longer than ${seconds} s: the server is slow, or the repository too large for its folder of manifests`,
  );
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function noFolder(cause: unknown): SambandError {
  return new SambandError('GIT_UNAVAILABLE', 'the cache of the repository was removed: it is made anew', {
    cause,
  });
}

function noGit(binary: string, cause: unknown): SambandError {
  return new SambandError(
    'GIT_UNAVAILABLE',
    `there is no ${binary} on this machine: install git 2.31 or newer`,
    {
      cause,
    },
  );
}

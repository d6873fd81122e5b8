import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Launch {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string | undefined;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
}

export interface Launched {
  /** Exit code, -1 after a signal. Rejects with `code` of the operating system when it could not be started. */
  readonly ended: Promise<number>;
  /** The command and whatever it started; without effect on one that has ended. */
  kill(): void;
}

interface Job extends Launch {
  readonly resolve: (exit: number) => void;
  readonly reject: (error: Error) => void;
}

type Message = { readonly id: number } & (
  | { readonly stdout: Buffer }
  | { readonly stderr: Buffer }
  | { readonly exit: number }
  | { readonly error: { readonly message: string; readonly code?: string } }
);

/** Runs commands through a small process of its own; see `launcher.mjs` for why. It is started when first needed. */
class Launcher {
  private child: ChildProcess | undefined;
  private lastId = 0;
  private readonly jobs = new Map<number, Job>();

  launch(command: Launch): Launched {
    const { binary, args, cwd, env, input } = command;
    const id = ++this.lastId;
    const child = (this.child ??= this.open());
    const ended = new Promise<number>((resolve, reject) => {
      this.jobs.set(id, { ...command, resolve, reject });
    });
    this.hold(child);
    child.send({ id, start: { binary, args, cwd, env, input } });
    return {
      ended,
      kill: () => {
        if (this.jobs.has(id) && child.connected) child.send({ id, kill: true });
      },
    };
  }

  private open(): ChildProcess {
    const { PATH = '' } = process.env;
    const child = fork(fileURLToPath(new URL('../launcher.mjs', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: [],
      env: { PATH },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message: Message) => {
      this.take(message);
    });
    const onEnd = (): void => {
      if (this.child !== child) return;
      this.child = undefined;
      const lost = [...this.jobs.values()];
      this.jobs.clear();
      for (const { reject } of lost) reject(new Error('the process that starts git has ended'));
    };
    child.once('exit', onEnd);
    child.on('error', onEnd);
    return child;
  }

  private take(message: Message): void {
    const job = this.jobs.get(message.id);
    if (job === undefined) return;
    if ('stdout' in message) job.onStdout(message.stdout);
    else if ('stderr' in message) job.onStderr(message.stderr);
    else {
      this.jobs.delete(message.id);
      if (this.child !== undefined) this.hold(this.child);
      if ('exit' in message) job.resolve(message.exit);
      else job.reject(Object.assign(new Error(message.error.message), { code: message.error.code }));
    }
  }

  /** It keeps this process alive only while it works. */
  private hold(child: ChildProcess): void {
    if (this.jobs.size > 0) {
      child.ref();
      child.channel?.ref();
    } else {
      child.unref();
      child.channel?.unref();
    }
  }
}

const launcher = new Launcher();

/** Starts a command in a process group of its own. */
export function launch(command: Launch): Launched {
  return launcher.launch(command);
}

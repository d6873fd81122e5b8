/** Child processes: one way to ask for output, one to do long work while its progress is watched. */
import { execFile, spawn } from 'node:child_process';

/** A step went wrong; `message` says what, `mend` in one line how to go on. */
export class BootstrapError extends Error {
  /**
   * @param {string} message
   * @param {string} [mend]
   */
  constructor(message, mend) {
    super(message);
    this.name = 'BootstrapError';
    this.mend = mend;
  }
}

/**
 * Output of a short command, stdout and stderr together; `undefined` when it is missing or fails.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string | undefined>}
 */
export function ask(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000, encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve(error ? undefined : stdout + stderr),
    );
  });
}

/**
 * Runs a long command. Its last lines are kept for the case that it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, mend?: string }} [options]
 * @returns {Promise<void>}
 */
export function work(command, args, { cwd, env = process.env, onLine, mend } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {string[]} */
    const tail = [];
    let rest = '';
    const take = (/** @type {Buffer} */ chunk) => {
      const lines = (rest + chunk.toString('utf8')).split(/[\r\n]+/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() === '') continue;
        tail.push(line);
        if (tail.length > 40) tail.shift();
        onLine?.(line);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => reject(new BootstrapError(`${command}: ${error.message}`, mend)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      if (rest.trim() !== '') tail.push(rest);
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      reject(new BootstrapError([...tail, `${command} ${args[0] ?? ''} ${how}`].join('\n'), mend));
    });
  });
}

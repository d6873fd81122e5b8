/**
 * Starts commands for a large process (src/launcher.ts is the other end of the channel). A process is forked by
 * copying what describes its memory: 30 ms for one of 500 MB, in which it does nothing else, and 1 ms for this one.
 * Commands end when the channel does, so that nobody's git goes on after the worker was killed.
 *
 * In:  {id, start: {binary, args, cwd, env, input}} · {id, kill: true}
 * Out: {id, stdout} · {id, stderr} · {id, exit} · {id, error: {message, code}}
 */
import { spawn } from 'node:child_process';

/** Leaders of process groups by id. */
const running = new Map();

function start(id, { binary, args, cwd, env, input }) {
  const stdio = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
  const child = spawn(binary, args, { cwd, env, detached: true, stdio });
  running.set(id, child);
  child.stdout.on('data', (stdout) => process.send({ id, stdout }));
  child.stderr.on('data', (stderr) => process.send({ id, stderr }));
  // A command that ends before it has read its input is no failure of its own: its exit code tells.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const end = (message) => {
    kill(id);
    running.delete(id);
    process.send({ id, ...message });
  };
  child.once('error', ({ message, code }) => end({ error: { message, code } }));
  child.once('close', (exit) => end({ exit: exit ?? -1 }));
}

/** Whatever the command started goes with it. */
function kill(id) {
  const pid = running.get(id)?.pid;
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

process.on('message', (message) => {
  if (message.start === undefined) {
    kill(message.id);
    return;
  }
  try {
    start(message.id, message.start);
  } catch ({ message: why, code }) {
    process.send({ id: message.id, error: { message: why, code } });
  }
});
process.on('disconnect', () => {
  for (const id of running.keys()) kill(id);
  process.exit();
});
// Meant for the process that it works for, which says when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

import { spawn } from 'node:child_process';

/**
 * Outlives whoever started it just long enough to kill what they started and to remove their folder. Jest gives
 * tests a `process` of their own, whose `exit` event never comes, and `kill -9` raises no event at all; the end
 * of a pipe is seen in every case.
 */
const script = `trap '' INT TERM HUP
pids=' '
while read -r verb value; do
  case $verb in
    add) pids="$pids$value " ;;
    drop) pids=$(printf %s "$pids" | sed "s/ $value / /") ;;
    done) exit 0 ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
sleep 0.2
rm -rf -- "$1"`;

export interface Guard {
  add(pid: number): void;
  drop(pid: number): void;
  /** Ends it without killing anything. */
  dismiss(): void;
  /** Breaks the pipe, as the end of this process would. */
  abandon(): void;
}

/** Starts a guard over a folder and the processes that it is told of. */
export function startGuard(folder: string): Guard {
  const guard = spawn('/bin/sh', ['-c', script, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const { stdin } = guard;
  stdin.on('error', () => undefined);
  guard.on('error', () => undefined);
  guard.unref();
  // A pipe of a child is a socket, though its type does not say so.
  (stdin as unknown as { unref(): void }).unref();
  return {
    add: (pid) => void stdin.write(`add ${pid}\n`),
    drop: (pid) => void stdin.write(`drop ${pid}\n`),
    dismiss: () => void stdin.end('done\n'),
    abandon: () => void stdin.destroy(),
  };
}

import { readFileSync } from 'node:fs';

/**
 * Loaded into a process of ours by `--import`: its wall clock is off by as many ms as a file says, as after somebody
 * set the machine's. Clocks that nobody can set (`performance`, timers) go on as they do.
 */
const file = process.env['SAMBAND_SKEW_FILE'] ?? '';
const real = Date;
let skew = 0;

function look(): void {
  try {
    skew = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    skew = 0;
  }
}

look();
setInterval(look, 100).unref();
const now = (): number => real.now() + skew;
globalThis.Date = new Proxy(real, {
  construct: (target, args, asked: NewableFunction) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, asked) as Date,
  apply: () => new real(now()).toString(),
  get: (target, name, self): unknown => (name === 'now' ? now : Reflect.get(target, name, self)),
});

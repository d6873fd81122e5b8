import { parseArgs } from 'node:util';

export interface Options {
  /** Everything, instead of the short form. */
  readonly full: boolean;
  readonly seed: number;
  /** Only scenarios whose name holds this. */
  readonly only: string | undefined;
  /** How long the soak runs. */
  readonly minutes: number;
}

export const usage = `usage: npm run faults -- [--full] [--seed N] [--only PART-OF-A-NAME] [--minutes N]

  --full      everything, which takes long; without it the short form, a few minutes
  --seed      makes choices and order repeatable (default 1)
  --only      only scenarios whose name holds this; they need not be of the short form
  --minutes   how long the random kills under load go on (default 10)`;

/** @throws with a sentence when they cannot be understood */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      minutes: { type: 'string', default: '10' },
    },
  });
  return {
    full: values.full,
    seed: positive('--seed', values.seed),
    only: values.only,
    minutes: positive('--minutes', values.minutes),
  };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new Error(`${option} must be a positive number, not ${JSON.stringify(text)}`);
  return number;
}

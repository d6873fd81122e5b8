import type { LogLevel } from '@samband/observability';
import { z } from 'zod';

/** A variable that may be left out. */
export type EnvField<T> = z.ZodType<T, string | undefined>;

/** A TCP port to listen on; 0 lets the system choose. */
export function envPort(): z.ZodType<number, string | number> {
  return envInteger({ min: 0, max: 65_535 });
}

/** A whole number within bounds, written in decimal digits. */
export function envInteger(bounds: { min: number; max: number }): z.ZodType<number, string | number> {
  const range = `must be a whole number from ${bounds.min} to ${bounds.max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .trim()
          .regex(/^-?\d{1,15}$/, range)
          .transform(Number),
      ],
      { error: range },
    )
    .refine((value) => value >= bounds.min && value <= bounds.max, range);
}

/** `true`, `false`, `1` or `0`. */
export function envFlag(): z.ZodType<boolean, string | boolean> {
  return z.union(
    [
      z.boolean(),
      z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1'),
    ],
    { error: 'must be true or false' },
  );
}

/** Words separated by commas; blanks around them do not count. */
export function envList(): z.ZodType<string[], string> {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );
}

/** `host:port`. */
export function envAddress(): z.ZodType<string, string> {
  return z
    .string()
    .trim()
    .regex(/^[^\s:/]+:\d{1,5}$/, 'must be host:port');
}

/**
 * What `parse` makes of the text; a variable that is not set is the empty text. What `parse` throws is the problem, so
 * its message must not repeat the text.
 */
export function envParsed<T>(parse: (text: string) => T): EnvField<T> {
  return z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof Error ? error.message : 'is not valid',
        });
        return z.NEVER;
      }
    });
}

/** A log level as pino knows it. */
export function envLogLevel(): z.ZodType<LogLevel, string> {
  return z.enum(['debug', 'info', 'warn', 'error', 'silent']);
}

import { z } from 'zod';

/** One thing wrong with the environment. `message` never holds the variable's value: it may be a secret. */
export interface ConfigProblem {
  /** Name of the environment variable; empty when the rule concerns several. */
  readonly variable: string;
  readonly message: string;
  /** How to mend it: what the variable is for, from the schema's `describe`. */
  readonly hint?: string;
}

export type ConfigResult<T> =
  | { readonly ok: true; readonly config: T }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole environment at once through a schema whose fields are named like the variables; the schema
 * may end in a `transform` that makes a nested tree of them. A variable set to nothing counts as not set.
 *
 * @returns the configuration, or every problem together
 */
export function loadConfig<S extends z.ZodType>(schema: S, env: Environment): ConfigResult<z.output<S>> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, config: parsed.data };
  const fields = fieldsOf(schema);
  const problems = parsed.error.issues.map((issue): ConfigProblem => {
    const variable = issue.path.map(String).join('.');
    const hint = fields[String(issue.path[0])]?.description;
    const message = variable !== '' && given[variable] === undefined ? 'is not set' : issue.message;
    return { variable, message, ...(hint === undefined ? {} : { hint }) };
  });
  return { ok: false, problems };
}

/** The problems as lines for a terminal, each with the variable's name and how to mend it. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ variable, message, hint }) => {
      const subject = variable === '' ? message : `${variable}: ${message}`;
      return hint === undefined ? `  ${subject}` : `  ${subject}. Set it to ${hint}.`;
    })
    .join('\n');
}

function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType | undefined>> {
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in as z.ZodType);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** Something that a process needs. `check` resolves when it is there and rejects when it is not. */
export interface HealthCheck {
  readonly name: string;
  /** Whether the process is useless without it. What is not required is reported only. */
  readonly required: boolean;
  check(): Promise<unknown>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly up: boolean; readonly required: boolean }>>;
}

/**
 * Asks every check at once and waits at most `timeoutMs` for each: 800 ms, as probes of Kubernetes give up after a
 * second. Answers carry no error texts: the page has no login.
 */
export function createReadiness(
  checks: readonly HealthCheck[],
  options: { readonly timeoutMs?: number } = {},
): () => Promise<Readiness> {
  const timeoutMs = options.timeoutMs ?? 800;
  return async () => {
    const results = await Promise.all(
      checks.map(async (check) => ({ ...check, up: await isUp(check, timeoutMs) })),
    );
    return {
      ready: results.every(({ up, required }) => up || !required),
      checks: Object.fromEntries(results.map(({ name, required, up }) => [name, { up, required }])),
    };
  };
}

async function isUp(subject: HealthCheck, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const answer = async (): Promise<boolean> => {
    try {
      await subject.check();
      return true;
    } catch {
      return false;
    }
  };
  try {
    return await Promise.race([answer(), late]);
  } finally {
    clearTimeout(timer);
  }
}

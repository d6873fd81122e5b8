export interface EventuallyOptions {
  /** Milliseconds until it gives up; default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks; default 50. */
  readonly intervalMs?: number;
}

/**
 * Looks again and again until `check` neither throws nor returns `undefined` or `false`, and returns what it
 * returned. After the deadline the last failure is thrown, so that the test's message says what was missing.
 */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 10_000, intervalMs = 50 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown = new Error(`nothing after ${timeoutMs} ms: ${check.toString().slice(0, 200)}`);
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

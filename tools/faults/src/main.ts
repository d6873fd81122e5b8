export function faults(_args: readonly string[]): Promise<void> {
  return Promise.reject(new Error('not written yet'));
}

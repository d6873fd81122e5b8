export function bench(_args: readonly string[]): Promise<void> {
  return Promise.reject(new Error('not written yet'));
}

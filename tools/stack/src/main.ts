/** What the bootstrap hands over to. The demo is loaded only when it is told: a start has no time to lose. */
export { start } from './cli.js';

export async function demo(args: readonly string[]): Promise<void> {
  const story = await import('./demo/demo.js');
  await story.demo(args);
}

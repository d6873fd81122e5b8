/** `npm run demo`: makes the clone ready, then tells the story. */
import { command, prepare } from './lib/prepare.mjs';

await command(async () => {
  await prepare();
  const { demo } = await import('../stack/dist/main.js');
  await demo(process.argv.slice(2));
});

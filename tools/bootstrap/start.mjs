/** `npm start`: makes the clone ready, then hands over to the local stack. */
import { command, prepare } from './lib/prepare.mjs';

await command(async () => {
  await prepare();
  const { start } = await import('../stack/dist/main.js');
  await start(process.argv.slice(2));
});

/** `npm run bench`: measures the product on a stack of its own, beside the raw limits of this machine. */
import { command, prepare } from './lib/prepare.mjs';

await command(async () => {
  await prepare(['tools/bench']);
  const { bench } = await import('../bench/dist/main.js');
  await bench(process.argv.slice(2));
});

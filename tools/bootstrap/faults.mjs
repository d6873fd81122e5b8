/** `npm run faults`: breaks a stack of its own in every way we know, and tells what survived. */
import { command, prepare } from './lib/prepare.mjs';

await command(async () => {
  await prepare(['tools/faults']);
  const { faults } = await import('../faults/dist/main.js');
  await faults(process.argv.slice(2));
});

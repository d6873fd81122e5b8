/** What `npm start` does until it is ready, on the state of its argument; then it stops again. */
import { repository, startStack } from '@samband/stack';

const [stateDir] = process.argv.slice(2);
if (stateDir === undefined) throw new Error('usage: start-child STATE-FOLDER');
const { prepare } = (await import(`${repository}/tools/bootstrap/lib/prepare.mjs`)) as {
  prepare: () => Promise<void>;
};
await prepare();
const stack = await startStack({ stateDir });
process.stdout.write('ready\n');
await stack.stop();
process.exit();

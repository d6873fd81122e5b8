/** What the bootstrap hands over to: `npm start` and `npm run demo`. */
export { start } from './cli.js';

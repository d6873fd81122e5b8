import type { Scenario } from '../scenario.js';
import { scenarios as disk } from './broker-disk.js';
import { scenarios as hands } from './broker-hands.js';
import { scenarios as hangs } from './broker-hangs.js';
import { scenarios as slow } from './broker-slow.js';
import { scenarios as start } from './broker-start.js';
import { scenarios as clock } from './clock.js';
import { scenarios as compensation } from './compensation.js';
import { scenarios as git } from './git.js';
import { scenarios as temporal } from './temporal.js';
import { scenarios as twoOfEach } from './two-of-each.js';

const brokers = [...slow, ...hangs, ...start, ...hands, ...disk];

/** Everything that the product depends on, broken while it works. */
export const scenarios: readonly Scenario[] = [
  ...brokers,
  ...git,
  ...temporal,
  ...clock,
  ...twoOfEach,
  ...compensation,
];

import { scenarios as concurrency } from './concurrency/index.js';
import { scenarios as dependencies } from './dependencies/index.js';
import { scenarios as kill } from './kill/index.js';
import type { Scenario } from './scenario.js';
import { scenarios as soak } from './soak/index.js';

export const scenarios: readonly Scenario[] = [...kill, ...dependencies, ...concurrency, ...soak];

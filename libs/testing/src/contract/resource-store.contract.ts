import { applyCases } from './apply.js';
import { objectsCases } from './objects.js';
import { statusCases } from './status.js';
import type { ContractCase } from './subject.js';

/**
 * What everything above the store relies on. Run against the real API server by the Kubernetes adapter and
 * against `createMemoryStore`, so that no test is passed by a fake that lies.
 */
export const resourceStoreContract: readonly ContractCase[] = [
  ...objectsCases,
  ...applyCases,
  ...statusCases,
];

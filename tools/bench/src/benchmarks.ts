import type { Benchmark } from './benchmark.js';
import { changeOf100, changeOf10000 } from './benchmarks/changes.js';
import { commit1000, commit10000, commitMemory, historyEvents } from './benchmarks/commits.js';
import { drift } from './benchmarks/drift.js';
import { driftHeal } from './benchmarks/drift-heal.js';
import { fairness } from './benchmarks/fairness.js';
import { fixOvertakes } from './benchmarks/fix-overtakes.js';
import { spaceReady } from './benchmarks/space-ready.js';
import { startWarm } from './benchmarks/start-warm.js';
import { webhook } from './benchmarks/webhook.js';

/** All of them, in the order in which they run: small ones before the stack is full. */
export const benchmarks: readonly Benchmark[] = [
  startWarm,
  spaceReady,
  webhook,
  fixOvertakes,
  changeOf100,
  commit1000,
  commit10000,
  commitMemory,
  historyEvents,
  changeOf10000,
  drift,
  driftHeal,
  fairness,
];

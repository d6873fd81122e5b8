import { performance } from 'node:perf_hooks';
import type { Finding, Scenario } from './scenario.js';
import type { OpenWorld } from './world.js';

export interface Result {
  readonly scenario: Pick<Scenario, 'group' | 'name'>;
  readonly survived: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Runs one scenario; what it breaks for good is not passed on to the next.
 *
 * @returns also when a promise was broken: then the finding says which
 */
export async function runScenario(scenario: Scenario, world: OpenWorld): Promise<Result> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const single = (end: string): Finding[] => [{ what: scenario.name, step: '', end, seconds: seconds() }];
  const broken = (end: string): Finding[] => single(end).map((one) => ({ ...one, broken: true }));
  try {
    await world.settled();
    const seen = await scenario.run(world);
    await world.settled();
    const findings = typeof seen === 'string' ? single(seen) : seen;
    const survived = findings.every(({ broken }) => broken !== true);
    if (!survived) await world.renew();
    return { scenario, survived, findings };
  } catch (error) {
    const end = error instanceof Error ? error.message : String(error);
    world.say(error instanceof Error ? (error.stack ?? end) : end);
    await world.renew();
    return { scenario, survived: false, findings: broken(`BROKEN: ${end}`) };
  }
}

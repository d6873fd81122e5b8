import type { Finding, Scenario, World } from '../scenario.js';
import { runBatch, undisturbed, type References } from './batch.js';
import { stories, type Story } from './stories.js';
import type { Strike } from './strike.js';
import { targets, type Target } from './targets.js';

/** Teams that go through the stories at a time. What takes long to recover from, or hits one team only, hits more. */
const teamsAtOnce = (target: Target): number => (target === 'worker' || target === 'broker' ? 4 : 3);
/** Kills in one rollout: fewer than the attempts that a step has. */
const killsInARow = 3;
/** A step that is over in a moment may be missed; after so many batches without a new one the rest is told. */
const fruitlessBatches = 2;

let references: Promise<References> | undefined;
const referencesOf = (world: World): Promise<References> => (references ??= undisturbed(world));

/** Every step of every story; each kill hits the first steps that were not hit yet. */
function everyStep(target: Target): Scenario {
  return {
    group: 'kill',
    name: `kill -9 of ${target} at every step of a first rollout, an update and a rollback`,
    short: false,
    async run(world) {
      const left = new Map(
        stories.map((story) => [
          story,
          { target, wanted: new Set(possible(target, story)), kills: killsInARow },
        ]),
      );
      const count = (): number => [...left.values()].reduce((sum, { wanted }) => sum + wanted.size, 0);
      const findings: Finding[] = [];
      for (let fruitless = 0; count() > 0 && fruitless < fruitlessBatches;) {
        const before = count();
        const found = await runBatch(world, await referencesOf(world), teamsAtOnce(target), left);
        findings.push(...found);
        if (found.some(({ broken }) => broken === true)) return findings;
        world.say(`${target}: ${count()} steps left`);
        fruitless = count() === before ? fruitless + 1 : 0;
      }
      return [...findings, ...missed(left)];
    },
  };
}

/** A few kills at steps that the seed chooses. */
const sample: Scenario = {
  group: 'kill',
  name: 'kill -9 of every part, each at some step of a first rollout, an update or a rollback',
  short: true,
  async run(world) {
    const findings: Finding[] = [];
    const order = world.random.shuffle(targets);
    for (let at = 0; at < order.length; at += stories.length) {
      const strikes = stories.map((story, index) => {
        const target = order[(at + index) % order.length] ?? 'worker';
        const wanted = world.random.shuffle(possible(target, story)).slice(0, 3);
        return [story, { target, wanted: new Set(wanted), kills: 1 }] as const;
      });
      findings.push(...(await runBatch(world, await referencesOf(world), 1, new Map(strikes))));
    }
    return findings;
  },
};

/** A first rollout has no broker before its space has one. */
function possible(target: Target, { name, points }: Story): Story['points'] {
  const early = ['checkout', 'plan', 'apply'];
  return target === 'broker' && name === 'first rollout'
    ? points.filter((point) => !early.includes(point))
    : points;
}

function missed(left: ReadonlyMap<Story, Strike>): Finding[] {
  return [...left].flatMap(([{ name }, { target, wanted }]) =>
    [...wanted].map((point) => ({
      what: `kill -9 of ${target}, ${name}`,
      step: point,
      end: 'never caught at this step: it was over between two looks',
      seconds: 0,
      undisturbed: true,
    })),
  );
}

export const scenarios: readonly Scenario[] = [...targets.map(everyStep), sample];

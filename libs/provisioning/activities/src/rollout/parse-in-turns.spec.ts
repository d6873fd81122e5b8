import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { parseManifests } from '@samband/gitops';
import { parseInTurns } from './parse-in-turns.js';

const options = { defaultNamespace: 'team' };
const list = Array.from({ length: 3_000 }, (_, index) => `  - [word, ${index}]\n`).join('');
const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  list:\n${list}`;
const files = ['a.yaml', 'b.yaml'].map((path) => ({ path, text: map }));

describe('a large commit that is read', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** How often others were let in, on a clock on which each look at it comes `ms` after the one before. */
  async function turnsWith(ms: number): Promise<number> {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += ms));
    let [turns, isRead] = [0, false];
    const others = (): void => {
      if (isRead) return;
      turns++;
      setImmediate(others);
    };
    setImmediate(others);
    const { documents } = await parseInTurns(files, options);
    isRead = true;
    expect(documents).toHaveLength(2);
    return turns;
  }

  it('lets others have their turn within each file, as often as time is up', async () => {
    expect(await turnsWith(60)).toBeGreaterThan(20);
    expect(await turnsWith(1)).toBeLessThan(5);
  });

  it('is read as it would be at once', async () => {
    const broken = [...files, { path: 'c.yaml', text: 'a: [' }, { path: 'd.json', text: '{}{' }];
    const strip = ({ documents, problems }: ReturnType<typeof parseManifests>): object => ({
      objects: documents.map(({ object, file, line }) => ({ object, file, line })),
      problems,
    });
    expect(strip(await parseInTurns(broken, options))).toEqual(strip(parseManifests(broken, options)));
  });
});

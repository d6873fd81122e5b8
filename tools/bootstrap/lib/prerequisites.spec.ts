import { describe, expect, it } from '@jest/globals';
import { findProblems } from './prerequisites.mjs';

const good = {
  platform: 'linux',
  node: '20.19.0',
  java: 'openjdk version "17.0.15" 2025-04-15',
  javac: 'javac 17.0.15',
  git: 'git version 2.39.5',
  go: 'go1.26.8',
};

describe('the tools a machine must bring', () => {
  it('are enough on Linux when Node 20.19, Java 17, git and Go are there', () => {
    expect(findProblems(good)).toEqual([]);
    expect(findProblems({ ...good, node: '22.1.0', java: 'java version "21"', go: 'go1.30' })).toEqual([]);
  });

  it.each([
    ['platform', 'darwin', /^Linux \(this is darwin\).*virtual machine/],
    ['node', '20.18.3', /Node 20\.19 or newer \(this is 20\.18\.3\)/],
    ['java', undefined, /Java 17 or newer \(none found\)/],
    ['java', 'openjdk version "11.0.2"', /Java 17 or newer \(this is 11\)/],
    ['java', 'java version "1.8.0_291"', /Java 17 or newer \(this is 1\)/],
    ['javac', undefined, /^A JDK.*runtime alone/],
    ['git', undefined, /^git: install/],
    ['go', undefined, /Go 1\.26.*none found/],
    ['go', 'go1.20.4', /Go 1\.26.*this is 1\.20/],
  ])('%s %s is told in one line that says how to mend it', (tool, version, line) => {
    const problems = findProblems({ ...good, [tool]: version });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(line);
    expect(problems[0]).not.toContain('\n');
  });
});

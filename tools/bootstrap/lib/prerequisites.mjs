/** The tools a machine must bring: each missing one is named with one line on how to mend it. */
import path from 'node:path';
import { ask, BootstrapError } from './run.mjs';

/**
 * @param {{ go: boolean }} needs Go is asked for only when something must be built with it
 */
export async function checkPrerequisites(needs) {
  const javaCommand = process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin/java') : 'java';
  const [java, javac, git, go] = await Promise.all([
    ask(javaCommand, ['-version']),
    ask(javaCommand, ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-version']),
    ask('git', ['--version']),
    needs.go ? ask('go', ['env', 'GOVERSION']) : Promise.resolve('go1.26'),
  ]);
  const { platform, versions } = process;
  const problems = findProblems({ platform, node: versions.node, java, javac, git, go });
  if (problems.length > 0) throw new BootstrapError('This machine lacks:', problems.join('\n'));
}

/**
 * @param {{ platform: string, node: string, java: string | undefined, javac: string | undefined, git: string | undefined, go: string | undefined }} versions
 * @returns {string[]} one line for each tool that is missing or too old
 */
export function findProblems({ platform, node, java, javac, git, go }) {
  const problems = [];
  if (platform !== 'linux') {
    problems.push(
      `Linux (this is ${platform}): brokers are looked after through /proc; use a virtual machine, on Windows WSL 2`,
    );
  }
  if (!atLeast(node, 20, 19)) {
    problems.push(`Node 20.19 or newer (this is ${node}): https://nodejs.org/en/download`);
  }
  const javaVersion = /version "(\d+)/.exec(java ?? '')?.[1];
  if (javaVersion === undefined || Number(javaVersion) < 17) {
    const found = javaVersion === undefined ? 'none found' : `this is ${javaVersion}`;
    problems.push(
      `Java 17 or newer (${found}): install a JDK (Debian: openjdk-17-jdk-headless) with your package manager, or set JAVA_HOME to one`,
    );
  } else if (javac === undefined) {
    problems.push(
      'A JDK (this Java is a runtime alone, which compiles nothing): install one (Debian: openjdk-17-jdk-headless), or set JAVA_HOME to one',
    );
  }
  if (git === undefined) problems.push('git: install it with your package manager');
  const goVersion = /go(\d+\.\d+)/.exec(go ?? '')?.[1];
  if (goVersion === undefined || !atLeast(goVersion, 1, 21)) {
    const found = goVersion === undefined ? 'none found' : `this is ${goVersion}`;
    problems.push(
      `Go 1.26, or 1.21 and newer which fetches it itself (${found}): https://go.dev/doc/install, then put its bin folder on PATH`,
    );
  }
  return problems;
}

/**
 * @param {string} version
 * @param {number} major
 * @param {number} minor
 */
function atLeast(version, major, minor) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

import type { Result } from './run.js';

const headings = ['group', 'what was broken', 'hit at', 'how it ended', 'seconds'];
const widest = 100;

/** How many things were broken. */
export function countFaults(results: readonly Pick<Result, 'findings'>[]): number {
  return results.flatMap(({ findings }) => findings).filter(({ undisturbed }) => undisturbed !== true).length;
}

/** The table of faults survived, one line for each thing that was broken. */
export function table(results: readonly Result[]): string {
  const rows = results.flatMap(({ scenario, findings }) =>
    findings.map(({ what, step, end, seconds }) => [
      scenario.group,
      what,
      step,
      end.split('\n', 1)[0]?.slice(0, widest) ?? '',
      seconds.toFixed(1),
    ]),
  );
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(headings), rule, ...rows.map(line)].join('\n');
}

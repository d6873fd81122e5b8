import type { Benchmark, Measurement } from './benchmark.js';

/** One line of `bench-results.json`. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly raw: number;
}

export function toResult({ name, unit, limit }: Benchmark, measured: Measurement): Result {
  return {
    name,
    value: rounded(measured.value),
    unit,
    limit: rounded(measured.limit ?? limit),
    raw: rounded(measured.raw),
  };
}

/** Judged on what is written down, so that nobody reads "2, at most 2, missed". */
export function isMet({ value, limit }: Result, allows: Benchmark['allows']): boolean {
  return allows === 'below' ? value < limit : value <= limit;
}

const headings = ['name', 'value', 'unit', 'limit', 'met', 'raw'];

export function table(rows: readonly { readonly result: Result; readonly met: boolean }[]): string {
  const lines = rows.map(({ result: { name, value, unit, limit, raw }, met }) => [
    name,
    String(value),
    unit,
    String(limit),
    met ? 'yes' : 'NO',
    String(raw),
  ]);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const isNumber = (column: number): boolean => ['value', 'limit', 'raw'].includes(headings[column] ?? '');
  return [headings, widths.map((width) => '-'.repeat(width)), ...lines]
    .map((line) =>
      line
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

import type { Benchmark, Measurement } from './benchmark.js';

/** One line of `bench-results.json`. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is judged by: the limit of the list, stretched by how slow this machine was. */
  readonly limit: number;
  /** By how much it was stretched, from 1. */
  readonly slowness: number;
  readonly raw: number;
}

export function toResult(benchmark: Benchmark, measured: Measurement): Result {
  const slowness = slownessOf(benchmark, measured);
  return {
    name: benchmark.name,
    value: rounded(measured.value),
    unit: benchmark.unit,
    limit: rounded(Math.min(benchmark.limit * slowness, measured.limit ?? Infinity)),
    slowness: rounded(slowness),
    raw: rounded(measured.raw),
  };
}

/** A machine that is faster than the one the limits were set on owes no more than that one. */
function slownessOf({ reference }: Benchmark, { raw, slowness }: Measurement): number {
  return Math.max(1, slowness ?? (reference === undefined ? 1 : raw / reference));
}

/** Judged on what is written down, so that nobody reads "2, at most 2, missed". */
export function isMet({ value, limit }: Result, allows: Benchmark['allows']): boolean {
  return allows === 'below' ? value < limit : value <= limit;
}

const headings = ['name', 'value', 'unit', 'limit', 'met', 'raw', 'stretched'];

export function table(rows: readonly { readonly result: Result; readonly met: boolean }[]): string {
  const lines = rows.map(({ result: { name, value, unit, limit, raw, slowness }, met }) => [
    name,
    String(value),
    unit,
    String(limit),
    met ? 'yes' : 'NO',
    String(raw),
    slowness === 1 ? '' : `${slowness.toFixed(2)} times`,
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

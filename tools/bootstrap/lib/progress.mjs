/**
 * Steps on screen: which of how many, for how long, and how long it took last time. On a terminal one line
 * ticks; elsewhere (CI) each step prints when it starts, when it ends, and each half minute between.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDir } from './paths.mjs';

/** @typedef {{ key: string, title: string, run: (say: (detail: string) => void) => Promise<void> }} Step */

/** @param {number} ms */
export function duration(ms) {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Runs steps one after another; the first failure ends them.
 * @param {readonly Step[]} steps
 * @param {{ out?: NodeJS.WriteStream, timings?: string }} [options]
 */
export async function runSteps(
  steps,
  { out = process.stdout, timings = path.join(cacheDir(), 'timings.json') } = {},
) {
  const last = await readTimings(timings);
  for (const [index, step] of steps.entries()) {
    const label = `[${index + 1}/${steps.length}] ${step.title}`;
    const began = Date.now();
    const before = last[step.key];
    const hint = before === undefined ? '' : `, last time ${duration(before)}`;
    let detail = '';
    const stop = ticker(out, label, hint, began, () => detail);
    try {
      await step.run((text) => (detail = text));
    } catch (error) {
      stop(`${label}: failed after ${duration(Date.now() - began)}`);
      throw error;
    }
    const took = Date.now() - began;
    stop(`${label}: ${duration(took)}${hint}`);
    last[step.key] = took;
    await writeTimings(timings, last);
  }
}

/**
 * @param {NodeJS.WriteStream} out
 * @param {string} label
 * @param {string} hint
 * @param {number} began
 * @param {() => string} detail
 * @returns {(line: string) => void} ends the ticking with a last line
 */
function ticker(out, label, hint, began, detail) {
  const line = () => {
    const more = detail() === '' ? '' : ` · ${detail()}`;
    return `${label}: ${duration(Date.now() - began)}${hint}${more}`;
  };
  if (!out.isTTY) {
    out.write(`${label}${hint === '' ? '' : ` (${hint.slice(2)})`} …\n`);
    const timer = setInterval(() => out.write(`${line()} …\n`), 30_000);
    return (text) => {
      clearInterval(timer);
      out.write(`${text}\n`);
    };
  }
  const draw = () => out.write(`\r\x1b[2K${line().slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
  draw();
  const timer = setInterval(draw, 250);
  return (text) => {
    clearInterval(timer);
    out.write(`\r\x1b[2K${text}\n`);
  };
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, number>>}
 */
async function readTimings(file) {
  try {
    const value = JSON.parse(await readFile(file, 'utf8'));
    const entries = Object.entries(value ?? {}).filter(([, ms]) => typeof ms === 'number');
    return Object.fromEntries(entries);
  } catch {
    return {}; // Only a comfort: a missing or torn file means that there is nothing to compare with.
  }
}

/**
 * @param {string} file
 * @param {Record<string, number>} timings
 */
async function writeTimings(file, timings) {
  await mkdir(path.dirname(file), { recursive: true });
  const next = `${file}.${process.pid}`;
  await writeFile(next, JSON.stringify(timings, undefined, 2));
  await rename(next, file);
}

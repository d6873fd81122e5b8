/** What is inside the binaries that Go built: it writes its modules into each of them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ask, BootstrapError } from './run.mjs';

/** @typedef {{ path: string, version: string }} Module */

/**
 * @param {string} file a binary
 * @returns {Promise<{ go: string, main: Module, modules: Module[] }>}
 */
export async function modulesOf(file) {
  const text = await ask('go', ['version', '-m', file]);
  const found = text === undefined ? undefined : parseModules(text);
  if (found !== undefined) return found;
  throw new BootstrapError(
    `go version -m does not say what is in ${file}`,
    'put the bin folder of Go on PATH; a binary that is not from Go, or was stripped of this, cannot be listed',
  );
}

/**
 * @param {string} text of `go version -m`
 * @returns {{ go: string, main: Module, modules: Module[] } | undefined}
 */
export function parseModules(text) {
  const go = /: go(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
  /** @type {Module | undefined} */
  let main;
  /** @type {Module[]} */
  const modules = [];
  for (const line of text.split('\n')) {
    const [what = '', name = '', version = ''] = line.trim().split(/\s+/);
    if (what === 'mod') main = { path: name, version };
    if (what === 'dep') modules.push({ path: name, version });
    // The line after a module says what was really built in its place.
    if (what === '=>') modules[modules.length - 1] = { path: name, version };
  }
  return go === undefined || main === undefined ? undefined : { go, main, modules };
}

/**
 * The licence of a module by the text beside its sources, where the module cache still has them.
 * @param {string} cache GOMODCACHE
 * @param {Module} module
 * @returns {Promise<string | undefined>} SPDX id; `undefined` when there is no text, or none that is known
 */
export async function licenceOf(cache, { path: name, version }) {
  const escaped = `${name}@${version}`.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  const folder = path.join(cache, escaped);
  const files = await readdir(folder).catch(() => []);
  const file = files.find((one) => /^(LICEN[CS]E|COPYING)([.-](md|txt|MIT))?$/i.test(one));
  return file === undefined ? undefined : recognise(await readFile(path.join(folder, file), 'utf8'));
}

/** Words of each licence's text; the first that fits counts, so those that name others in passing come first. */
const marks = /** @type {const} */ ([
  ['MPL-2.0', /Mozilla Public License,? version 2\.0/i],
  ['AGPL-3.0', /GNU AFFERO GENERAL PUBLIC LICENSE/i],
  ['LGPL', /GNU (LESSER|LIBRARY) GENERAL PUBLIC LICENSE/i],
  ['GPL', /GNU GENERAL PUBLIC LICENSE/i],
  ['Apache-2.0', /Apache License,? Version 2\.0/i],
  ['BSD-3-Clause', /Redistribution and use in source and binary forms.*Neither the name/i],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms/i],
  ['ISC', /Permission to use, copy, modify, and(\/or)? distribute this software for any purpose/i],
  ['MIT', /Permission is hereby granted, free of charge, to any person obtaining a copy/i],
  ['Unlicense', /This is free and unencumbered software released into the public domain/i],
  ['CC0-1.0', /CC0 1\.0 Universal/i],
]);

/** @param {string} text */
export function recognise(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return marks.find(([, mark]) => mark.test(line))?.[0];
}

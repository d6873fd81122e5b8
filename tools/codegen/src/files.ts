import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { kindNames, kinds, reasons, type KindName } from '@samband/resources';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { rootSchema, toCrd } from './crd.js';
import { escaped, fieldTable } from './field-table.js';

const HEADER =
  '# Made by tools/codegen from libs/domain/resources: change the kind there, then run `npm run generate`.\n';
const BEGIN = '<!-- Fields: made by tools/codegen. -->';
const END = '<!-- End of fields. -->';

/** Every generated file: path below the repository's root → content. Pages keep what is written by hand. */
export async function generatedFiles(root: string): Promise<Map<string, string>> {
  const crds = kindNames.map((kind): [string, string] => {
    const crd = toCrd(kinds[kind]);
    const yaml = stringify(crd, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true });
    return [`infra/crds/${crd.metadata.name}.yaml`, HEADER + yaml];
  });
  const pages = await Promise.all(kindNames.map((kind) => page(root, kind)));
  return new Map([...crds, ...pages, await reasonsPage(root)]);
}

async function reasonsPage(root: string): Promise<[string, string]> {
  const file = 'docs/spec/reasons.md';
  const rows = Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${escaped(meaning)} |`);
  const text = [
    '<!-- Made by tools/codegen. -->',
    '',
    '# Reasons of conditions',
    '',
    'Failures that are not listed give the code of the failure as reason, in the same way of writing.',
    '',
    '| Reason | Meaning |',
    '| --- | --- |',
    ...rows,
  ];
  return [file, await formatted(root, file, text.join('\n'))];
}

async function page(root: string, kind: KindName): Promise<[string, string]> {
  const file = `docs/spec/${kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.md`;
  const text = await readFile(path.join(root, file), 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file}: no place for the fields`);
  const table = fieldTable(rootSchema(kinds[kind]));
  const whole = `${text.slice(0, begin)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`;
  return [file, await formatted(root, file, whole)];
}

async function formatted(root: string, file: string, text: string): Promise<string> {
  const options = await resolveConfig(path.join(root, file));
  return await format(text, { ...options, parser: 'markdown' });
}

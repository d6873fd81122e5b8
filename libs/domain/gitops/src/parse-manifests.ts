import { INFRA_NAMESPACE, refOf, type KubeObject } from '@samband/resources';
import { isMeantForInfra } from './home-namespace.js';
import { identify, isMapping } from './identity.js';
import { readJson } from './json-source.js';
import { whyLeftOut } from './left-out.js';
import {
  defaultManifestLimits,
  type ManifestDocument,
  type ManifestLimits,
  type ParsedManifests,
  type ParseOptions,
  type PathStep,
} from './manifest.js';
import type { GitFile, Problem } from './ports.js';
import { findConflict, templateInstead } from './not-a-manifest.js';
import { compareText, problemAt, quote, sortProblems } from './problems.js';
import { unidentified } from './unidentified.js';
import { isUsuallyNamespaced } from './scope.js';
import {
  atOnce,
  loneSurrogate,
  type InSteps,
  type JsonValue,
  type SourceDocument,
  type SourceDocuments,
  type SourceLimits,
} from './source-value.js';
import { withoutNulls } from './without-nulls.js';
import { linesOfText } from './written-as.js';
import { readYaml } from './yaml-source.js';

/** `parseInSteps`, all of them at once. */
export function parseManifests(files: readonly GitFile[], options: ParseOptions): ParsedManifests {
  return atOnce(parseInSteps(files, options));
}

/**
 * Reads the manifests of a commit: YAML and JSON, several documents a file, lists expanded, empty documents left
 * out. Never throws, whatever the texts hold; a document with a problem is not among the documents. The largest
 * commit takes seconds: it pauses after each file, each document and each thousand words of one.
 */
export function* parseInSteps(files: readonly GitFile[], options: ParseOptions): InSteps<ParsedManifests> {
  const limits = { ...defaultManifestLimits, ...options.limits };
  const tooMuch = checkSizes(files, limits);
  if (tooMuch.length > 0) return { documents: [], problems: tooMuch, warnings: [] };
  const budget = { yamlTokens: limits.yamlTokens, values: limits.values };
  const documents: ManifestDocument[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const file of files.toSorted((a, b) => compareText(a.path, b.path))) {
    const parsed = yield* parseFile(file, { ...limits, budget }, options);
    yield;
    // One by one: as arguments of one call there may be more of them than the stack holds.
    for (const problem of parsed.problems) problems.push(problem);
    for (const warning of parsed.warnings) warnings.push(warning);
    for (const document of parsed.documents) documents.push(document);
    const excess = documents[limits.documents];
    if (excess !== undefined) {
      const message = `the commit holds more than ${limits.documents} objects: split it over several sources`;
      return {
        documents: [],
        problems: sortProblems([...problems, problemAt(excess, 'TOO_MANY_DOCUMENTS', message)]),
        warnings: [],
      };
    }
  }
  return { documents, problems: sortProblems(problems), warnings: sortProblems(warnings) };
}

/** Between two pauses. */
const OBJECTS_PER_STEP = 1_000;

function* parseFile(file: GitFile, limits: SourceLimits, options: ParseOptions): InSteps<ParsedManifests> {
  const { budget } = limits;
  const { defaultNamespace, known } = options;
  const before = { ...budget };
  const parsed = known?.get(defaultNamespace, file);
  if (parsed !== undefined) {
    budget.yamlTokens -= parsed.cost.yamlTokens;
    budget.values -= parsed.cost.values;
    if (budget.yamlTokens >= 0 && budget.values >= 0)
      return { documents: parsed.documents, problems: [], warnings: parsed.warnings };
    // The one that is too much says where: it is read as if it were new.
    Object.assign(budget, before);
  }
  const source = yield* readFile(file, limits);
  const textAtLine = linesOfText(file.text);
  const documents: ManifestDocument[] = [];
  const problems = source.problems.map(({ line, code, message }) =>
    problemAt({ file: file.path, line }, code, message),
  );
  const warnings = source.documents.flatMap(({ warnings: found = [] }) =>
    found.map(({ line, code, message }) => problemAt({ file: file.path, line }, code, message)),
  );
  for (const [index, part] of source.documents.flatMap((document) => expandList(document)).entries()) {
    if (index % OBJECTS_PER_STEP === 0) yield;
    const read = toManifest({ path: file.path, textAtLine }, part, options);
    // A file that is no manifest is none as a whole: once is enough.
    if (!read.problems.some(isNoManifest) || !problems.some(isNoManifest)) problems.push(...read.problems);
    warnings.push(...read.warnings);
    documents.push(...read.documents);
  }
  if (problems.length === 0) {
    const cost = { yamlTokens: before.yamlTokens - budget.yamlTokens, values: before.values - budget.values };
    known?.put(defaultNamespace, file, { documents, warnings, cost });
  }
  return { documents, problems, warnings };
}

function isNoManifest({ code }: Problem): boolean {
  return code === 'NOT_AN_OBJECT';
}

function checkSizes(files: readonly GitFile[], limits: ManifestLimits): Problem[] {
  if (files.length > limits.files) {
    const message = `the commit holds more than ${limits.files} manifest files under the path`;
    return [problemAt({ file: '', line: 1 }, 'TOO_MANY_FILES', message)];
  }
  const total = files.reduce((sum, { text }) => sum + text.length, 0);
  if (total > limits.totalSize) {
    const message = `the manifests are ${total} characters together, more than ${limits.totalSize}`;
    return [problemAt({ file: '', line: 1 }, 'TREE_TOO_LARGE', message)];
  }
  return files
    .filter(({ text }) => text.length > limits.fileSize)
    .map(({ path, text }) =>
      problemAt(
        { file: path, line: 1 },
        'FILE_TOO_LARGE',
        `the file is ${text.length} characters, more than ${limits.fileSize}: split it`,
      ),
    );
}

const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

function* readFile({ path, text }: GitFile, limits: SourceLimits): InSteps<SourceDocuments> {
  if (text.startsWith('\ufeff')) {
    const message = 'the file begins with a byte order mark: save it as UTF-8 without one';
    return { documents: [], problems: [{ code: 'BYTE_ORDER_MARK', message, line: 1 }] };
  }
  const control = controlCharacter.exec(text);
  if (control !== null) {
    const hex = control[0].charCodeAt(0).toString(16).padStart(4, '0');
    const message = `the file holds the control character U+${hex}: it is no text, or was damaged`;
    return {
      documents: [],
      problems: [{ code: 'CONTROL_CHARACTER', message, line: lineAt(text, control.index) }],
    };
  }
  const broken = loneSurrogate.exec(text);
  if (broken !== null) {
    const message = 'the file is not UTF-8: save it as UTF-8';
    return { documents: [], problems: [{ code: 'NOT_UTF8', message, line: lineAt(text, broken.index) }] };
  }
  const conflict = findConflict(text);
  if (conflict !== undefined) return { documents: [], problems: [conflict] };
  if (path.endsWith('.json')) return yield* readJson(text, limits);
  const read = yield* readYamlOrJson(text, limits);
  const template = templateInstead(text, read.problems);
  return template === undefined ? read : { documents: [], problems: [template] };
}

function* readYamlOrJson(text: string, limits: SourceLimits): InSteps<SourceDocuments> {
  if (!/^\s*\{/.test(text)) return yield* readYaml(text, limits);
  // kubectl too takes JSON in a .yaml file for JSON; a flow mapping of YAML is none.
  const json = yield* readJson(text, limits);
  return json.problems.some(({ code }) => code === 'SYNTAX') ? yield* readYaml(text, limits) : json;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The items of a `List` (or `AddressList`, …), as kubectl applies them; anything else is itself. */
function expandList(document: SourceDocument): SourceDocument[] {
  const { value } = document;
  if (!isMapping(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List'))
    return [document];
  const { items, kind, apiVersion } = value;
  if (!Array.isArray(items)) return [document];
  const itemKind = kind.slice(0, -'List'.length);
  return items.flatMap((item, index) => {
    const lineOf = (path: readonly PathStep[]): number => document.lineOf(['items', index, ...path]);
    const isBare = isMapping(item) && item['kind'] === undefined && itemKind !== '';
    const named: JsonValue = isBare ? { apiVersion: apiVersion ?? null, kind: itemKind, ...item } : item;
    return expandList({ value: named, line: lineOf([]), lineOf });
  });
}

interface FileText {
  readonly path: string;
  readonly textAtLine: (line: number) => string;
}

function toManifest(
  { path: file, textAtLine }: FileText,
  source: SourceDocument,
  options: ParseOptions,
): ParsedManifests {
  const identified = identify(source.value);
  const at = (path: readonly PathStep[]): { file: string; line: number } => ({
    file,
    line: source.lineOf(path),
  });
  if (!identified.ok) {
    const { lineOf } = source;
    const found = unidentified(source.value, identified.issues, { lineOf, textAtLine });
    const problems = found.map(({ code, path, message }) => problemAt(at(path), code, message));
    return { documents: [], problems, warnings: [] };
  }
  const object = withoutNulls(identified.object);
  const why = whyLeftOut(object);
  if (why !== undefined) {
    const warning = problemAt(at(['kind']), 'KIND_LEFT_OUT', why, refOf(object));
    return { documents: [], problems: [], warnings: [warning] };
  }
  const placed = withNamespace(object, options);
  const { namespace = '' } = placed.metadata;
  if (!isMeantForInfra(placed, namespace)) {
    const document = { file, line: source.line, object: placed, lineOf: source.lineOf, textAtLine };
    return { documents: [document], problems: [], warnings: [] };
  }
  const moved = { ...placed, metadata: { ...placed.metadata, namespace: INFRA_NAMESPACE } };
  const message = `the namespace ${quote(namespace)}, where EnMasse was installed, is taken for ${INFRA_NAMESPACE}: write that`;
  return {
    documents: [{ file, line: source.line, object: moved, lineOf: source.lineOf, textAtLine }],
    problems: [],
    warnings: [problemAt(at(['metadata', 'namespace']), 'NAMESPACE_REPLACED', message, refOf(moved))],
  };
}

function withNamespace(object: KubeObject, options: ParseOptions): KubeObject {
  const isNamespaced = options.isNamespaced?.(object) ?? isUsuallyNamespaced(object);
  const { namespace, ...metadata } = object.metadata;
  if (!isNamespaced) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, namespace: namespace ?? options.defaultNamespace } };
}

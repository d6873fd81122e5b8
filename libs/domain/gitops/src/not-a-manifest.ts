import type { JsonValue, SourceProblem } from './source-value.js';

/**
 * Files that lie beside manifests and are none: they are told so once, with what to do, and not by everything that
 * they lack.
 */

/** At the beginning of a line, where no YAML mapping and no JSON can have them. */
const conflictMarker = /(?<![^\n])(?:<{7}|\|{7}|>{7})(?=[ \r\n]|$)|(?<![^\n])={7}(?=\r?\n|$)/;

/** What git leaves in a file that two branches changed in one place. */
export function findConflict(text: string): SourceProblem | undefined {
  // Four searches for fixed texts are much faster than one for a pattern, and nearly no file has any of them.
  if (!['<<<<<<<', '|||||||', '=======', '>>>>>>>'].some((marker) => text.includes(marker))) return undefined;
  const found = conflictMarker.exec(text);
  if (found === null) return undefined;
  const message =
    'the file holds conflict markers of a merge (<<<<<<<, =======, >>>>>>>): choose what is right between them, remove them and commit';
  return { code: 'CONFLICT_MARKERS', message, line: text.slice(0, found.index).split('\n').length };
}

/** `{{ .Values.x }}`, `{{- if … }}`: what templates of Go, and of Jinja, put into a text. */
const templateSign = '{{';

/**
 * One problem in place of the many that a template has as YAML. A text in quotes or in a block may hold the same signs:
 * only what stands where the text cannot be read counts.
 */
export function templateInstead(text: string, problems: readonly SourceProblem[]): SourceProblem | undefined {
  if (problems.length === 0 || !text.includes(templateSign)) return undefined;
  const lines = text.split('\n');
  const isNear = ({ line }: SourceProblem): boolean =>
    [line - 1, line, line + 1].some((one) => lines[one - 1]?.includes(templateSign) === true);
  if (!problems.some(isNear)) return undefined;
  const line = lines.findIndex((one) => one.includes(templateSign)) + 1;
  return {
    code: 'NOT_AN_OBJECT',
    message: `this is a template, no manifest: ${renderFirst('helm template')}`,
    line,
  };
}

/** What is wrong with a document that says of itself that it is none for the API server; `undefined` of all others. */
export function sayNoManifest(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `not a Kubernetes object: a mapping with apiVersion, kind and metadata is expected; ${elsewhere}`;
  }
  const { apiVersion, kind } = value;
  if (typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/')) {
    return forKustomize;
  }
  if (kind !== undefined) return undefined;
  if (/^v[12]$/.test(typeof apiVersion === 'string' ? apiVersion : '') && 'version' in value) {
    return `this describes a chart of Helm, which is not run here: ${renderFirst('helm template')}`;
  }
  if (apiVersion !== undefined || isMisspelt(value)) return undefined;
  if (kustomizeKeys.some((key) => Array.isArray(value[key]))) {
    return forKustomize;
  }
  return `not a Kubernetes object: it has neither apiVersion nor kind; ${elsewhere}`;
}

const elsewhere =
  'every YAML and JSON file below spec.path of the GitSource is read as manifests: move this one out of it, or point spec.path to a folder that holds manifests only';

function renderFirst(command: string): string {
  return `commit what \`${command}\` writes, and point spec.path of the GitSource to the folder with that`;
}

const forKustomize = `this is for kustomize, which is not run here: ${renderFirst('kustomize build')}`;
const kustomizeKeys = ['resources', 'bases', 'patches', 'patchesStrategicMerge', 'components'];

/** A manifest whose writer got the first words wrong has other parts of one. */
function isMisspelt(value: Readonly<Record<string, JsonValue>>): boolean {
  const { metadata } = value;
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) && 'name' in metadata;
}

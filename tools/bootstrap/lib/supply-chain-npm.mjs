/** What npm itself knows: the bill of materials of what is installed, and the weaknesses known of it. */
import { execFile } from 'node:child_process';
import { root } from './paths.mjs';
import { BootstrapError } from './run.mjs';

/**
 * @typedef {object} Component of CycloneDX, as far as it is used here
 * @property {string} bom-ref
 * @property {string} type
 * @property {string} name
 * @property {string} [group]
 * @property {string} version
 * @property {string} purl
 * @property {{ license?: { id?: string, name?: string }, expression?: string }[]} [licenses]
 * @property {{ name: string, value: string }[]} [properties]
 * @property {{ alg: string, content: string }[]} [hashes]
 *
 * @typedef {object} Sbom
 * @property {{ component: Component }} metadata
 * @property {Component[]} components
 * @property {{ ref: string, dependsOn?: string[] }[]} dependencies
 */

/**
 * CycloneDX of the packages in `node_modules`, tools for development among them (they are marked). It is asked
 * of nobody but the disk.
 * @returns {Promise<Sbom>}
 */
export async function npmSbom() {
  const { stdout, stderr } = await npm(['sbom', '--sbom-format=cyclonedx']);
  const sbom = parse(stdout);
  if (sbom !== undefined) return sbom;
  throw new BootstrapError(`npm sbom gave none: ${stderr.slice(-500)}`, 'npm install, then run this again');
}

/** @returns {Promise<unknown>} the report on what runs in production, or an object that says why there is none */
export async function npmAudit() {
  const hurried = ['--fetch-retries=0', '--fetch-timeout=20000'];
  const { stdout } = await npm(['audit', '--omit=dev', '--json', ...hurried]);
  return parse(stdout);
}

/**
 * @param {Component} component
 * @returns {import('./supply-chain-rules.mjs').Licensed}
 */
export function licensed({ group, name, version, licenses }) {
  const texts = (licenses ?? []).map((one) => one.expression ?? one.license?.id ?? one.license?.name ?? '');
  return {
    name: group === undefined ? name : `${group}/${name}`,
    version,
    licence: texts.length === 0 ? undefined : texts.join(' AND '),
  };
}

/** @param {Component} component a package of this workspace: ours, and never published */
export function isOwn({ properties }) {
  return (properties ?? []).some(({ name, value }) => name === 'cdx:npm:package:private' && value === 'true');
}

/**
 * @param {string[]} args
 * @returns {Promise<{ stdout: string, stderr: string }>} whatever the exit code: npm's answers say more
 */
function npm(args) {
  return new Promise((resolve) => {
    const limits = { cwd: root, timeout: 60_000, maxBuffer: 1 << 27 };
    execFile('npm', args, limits, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

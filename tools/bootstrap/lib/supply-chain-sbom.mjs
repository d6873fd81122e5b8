/** One bill of materials of everything that others wrote and this repository installs, builds or fetches. */
import { artemis, findArtemis } from './artemis.mjs';
import { binaries, findBinary } from './binaries.mjs';
import { cacheDir } from './paths.mjs';
import { ask, BootstrapError } from './run.mjs';
import { licenceOf, modulesOf } from './supply-chain-go.mjs';
import { jarsOf } from './supply-chain-jars.mjs';
import { npmSbom } from './supply-chain-npm.mjs';

/**
 * @typedef {import('./supply-chain-npm.mjs').Component} Component
 * @typedef {{ ref: string, dependsOn: string[] }} Edge
 * @typedef {{ components: Component[], edges: Edge[] }} Part its first component is the root of the part
 */

/** CycloneDX of npm's packages, the control plane's binaries and the broker, of what lies on this disk. */
export async function completeSbom() {
  const [sbom, go, broker] = await Promise.all([npmSbom(), goPart(), brokerPart()]);
  const own = sbom.metadata.component;
  const parts = [...go, broker];
  const known = new Set(sbom.components.map((component) => component['bom-ref']));
  const more = parts
    .flatMap(({ components }) => components)
    .filter(({ 'bom-ref': ref }) => {
      const fresh = !known.has(ref);
      known.add(ref);
      return fresh;
    });
  const roots = parts.flatMap(({ components: [first] }) => (first === undefined ? [] : [first['bom-ref']]));
  return {
    ...sbom,
    metadata: { ...sbom.metadata, component: { ...own, name: 'samband' } },
    components: [...sbom.components, ...more],
    dependencies: [
      ...sbom.dependencies.map((edge) =>
        edge.ref === own['bom-ref'] ? { ...edge, dependsOn: [...(edge.dependsOn ?? []), ...roots] } : edge,
      ),
      ...parts.flatMap(({ edges }) => edges),
    ],
  };
}

/** @returns {Promise<Part[]>} one for each binary */
export async function goPart() {
  const cache = (await ask('go', ['env', 'GOMODCACHE']))?.trim() ?? '';
  return Promise.all(
    binaries.map(async (binary) => {
      const file = await findBinary(binary, cacheDir());
      if (file === undefined) throw new BootstrapError(`${binary.name} is missing`, 'npm start builds it');
      const { go, main, modules } = await modulesOf(file);
      const component = async (/** @type {import('./supply-chain-go.mjs').Module} */ module) => {
        const licence = await licenceOf(cache, module);
        return goComponent(module, licence);
      };
      const [first, ...rest] = await Promise.all([main, ...modules].map(component));
      if (first === undefined) return { components: [], edges: [] };
      const tool = {
        ...first,
        type: 'application',
        'bom-ref': `${binary.name}@${main.version}`,
        name: binary.name,
      };
      const library = goComponent({ path: 'stdlib', version: go }, 'BSD-3-Clause');
      const components = [tool, library, ...rest];
      return { components, edges: [edge(tool, [library, ...rest])] };
    }),
  );
}

/** @returns {Promise<Part>} */
async function brokerPart() {
  const home = await findArtemis(cacheDir());
  if (home === undefined) throw new BootstrapError('Artemis is missing', 'npm start fetches it');
  const { group, id, version, type, classifier } = artemis;
  const purl = `pkg:maven/${group}/${id}@${version}?classifier=${classifier}&type=${type}`;
  /** @type {Component} */
  const broker = {
    'bom-ref': purl,
    type: 'application',
    group,
    name: id,
    version,
    purl,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  };
  const jars = (await jarsOf(home)).map(({ group: owner, name, version: built, sha512 }) => {
    // Without a group it is no coordinate that a scanner could look up; it is still named, with its digest.
    const where =
      owner === undefined ? `pkg:generic/${name}@${built}` : `pkg:maven/${owner}/${name}@${built}`;
    return {
      'bom-ref': where,
      type: 'library',
      ...(owner === undefined ? {} : { group: owner }),
      name,
      version: built,
      purl: where,
      hashes: [{ alg: 'SHA-512', content: sha512 }],
    };
  });
  return { components: [broker, ...jars], edges: [edge(broker, jars)] };
}

/**
 * @param {import('./supply-chain-go.mjs').Module} module
 * @param {string | undefined} licence
 * @returns {Component}
 */
function goComponent({ path, version }, licence) {
  const purl = `pkg:golang/${path}@${version}`;
  return {
    'bom-ref': purl,
    type: 'library',
    name: path,
    version,
    purl,
    ...(licence === undefined ? {} : { licenses: [{ license: { id: licence } }] }),
  };
}

/**
 * @param {Component} from
 * @param {readonly Component[]} to
 */
function edge(from, to) {
  return { ref: from['bom-ref'], dependsOn: to.map((component) => component['bom-ref']) };
}

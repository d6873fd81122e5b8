/** What is demanded of everything that others wrote: pure judgements, the policy is `supply-chain.json`. */

/**
 * @typedef {object} Policy
 * @property {{ allowed: string[], exceptions: LicenceException[] }} licences SPDX ids
 * @property {AdvisoryException[]} advisories
 *
 * @typedef {{ package: string, licence: string, reason: string }} LicenceException every version of a
 *   package; `licence` as it says it, or `none`
 * @typedef {{ id: string, package: string, reason: string, until: string }} AdvisoryException `until`: last day
 * @typedef {{ name: string, version: string, licence: string | undefined }} Licensed `licence`: SPDX expression
 */

/**
 * @param {readonly Licensed[]} packages
 * @param {Policy['licences']} policy
 * @returns {string[]}
 */
export function licenceProblems(packages, { allowed, exceptions }) {
  return packages.flatMap(({ name, version, licence }) => {
    if (exceptions.some((one) => one.package === name && one.licence === (licence ?? 'none'))) return [];
    if (licence === undefined) return [`${name}@${version} names no licence`];
    if (permits(licence, new Set(allowed))) return [];
    return [`${name}@${version} has the licence ${licence}, which is not among those allowed`];
  });
}

/**
 * Whether one may choose among an expression's licences so that all of them are allowed.
 * @param {string} expression SPDX: ids, AND, OR, WITH and parentheses
 * @param {ReadonlySet<string>} allowed
 */
export function permits(expression, allowed) {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  /** @returns {boolean} */
  const either = () => {
    let good = both();
    while (words[at]?.toUpperCase() === 'OR') {
      at += 1;
      good = both() || good;
    }
    return good;
  };
  const both = () => {
    let good = one();
    while (words[at]?.toUpperCase() === 'AND') {
      at += 1;
      good = one() && good;
    }
    return good;
  };
  const one = () => {
    const word = words[at] ?? '';
    at += 1;
    if (word === '(') {
      const good = either();
      const closed = words[at] === ')';
      at += 1;
      return good && closed;
    }
    if (words[at]?.toUpperCase() !== 'WITH') return allowed.has(word);
    at += 2;
    return allowed.has(`${word} WITH ${words[at - 1] ?? ''}`);
  };
  return either() && at === words.length;
}

/**
 * A lock file must pin what is fetched by content, and must not say from where: that is the user's registry.
 * @param {{ packages: Record<string, { integrity?: string, resolved?: string, link?: boolean, version?: string }> }} lock
 * @returns {string[]}
 */
export function lockProblems({ packages }) {
  return Object.entries(packages).flatMap(([place, { integrity, resolved, link }]) => {
    const ours = !`/${place}`.includes('/node_modules/');
    if (ours) return [];
    if (link === true) {
      const inside =
        resolved !== undefined && Object.hasOwn(packages, resolved) && !resolved.startsWith('..');
      return inside
        ? []
        : [`${place} links to ${resolved ?? 'nothing'}, which is no package of this workspace`];
    }
    const problems = [];
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')) {
      problems.push(`${place} has no SHA-512 integrity: what is fetched would not be verified`);
    }
    if (resolved !== undefined)
      problems.push(`${place} is bound to ${resolved}: only the registry at hand may say`);
    return problems;
  });
}

/**
 * @param {unknown} report what `npm audit --json` printed
 * @param {readonly AdvisoryException[]} exceptions
 * @param {string} today `YYYY-MM-DD`
 * @returns {{ done: false, why: string } | { done: true, problems: string[] }}
 */
export function auditProblems(report, exceptions, today) {
  const given = /** @type {AuditReport} */ (typeof report === 'object' && report !== null ? report : {});
  if (given.vulnerabilities === undefined) {
    return { done: false, why: given.message ?? 'npm gave no report' };
  }
  const advisories = Object.values(given.vulnerabilities).flatMap(({ via }) =>
    via.filter((one) => typeof one !== 'string'),
  );
  /** @type {Set<string>} */
  const problems = new Set();
  for (const { name, title, url, severity, range } of advisories) {
    if (severity !== 'high' && severity !== 'critical') continue;
    const id = url.split('/').at(-1) ?? url;
    const exception = exceptions.find((one) => one.id === id && one.package === name);
    if (exception !== undefined && exception.until >= today) continue;
    const over = exception === undefined ? '' : `; its exception ended on ${exception.until}`;
    problems.add(`${name} ${range}: ${title} (${severity}, ${id})${over}`);
  }
  return { done: true, problems: [...problems] };
}

/**
 * @typedef {object} AuditReport
 * @property {string} [message] of a registry that could not be asked
 * @property {Record<string, { via: (string | Advisory)[] }>} [vulnerabilities]
 *
 * @typedef {{ name: string, title: string, url: string, severity: string, range: string }} Advisory
 */

/**
 * Whether labels fit a selector: `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (x,y)`, `a notin (x,y)`, joined by commas.
 * Throws for anything else.
 */
export function fitsSelector(labels: Readonly<Record<string, string>>, selector: string): boolean {
  return split(selector).every((requirement) => fits(labels, requirement));
}

function split(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function fits(labels: Readonly<Record<string, string>>, requirement: string): boolean {
  const set = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(requirement);
  if (set !== null) {
    const [, key = '', verb, list = ''] = set;
    const isIn = list
      .split(',')
      .map((value) => value.trim())
      .includes(labels[key] ?? '\0');
    return verb === 'in' ? isIn : !isIn;
  }
  const equality = /^([^!=\s]+)\s*(==|=|!=)\s*([^!=\s]*)$/.exec(requirement);
  if (equality !== null) {
    const [, key = '', verb, value = ''] = equality;
    return verb === '!=' ? labels[key] !== value : labels[key] === value;
  }
  const existence = /^(!?)([^!=\s()]+)$/.exec(requirement);
  if (existence === null) throw new Error(`unusable label selector: ${requirement}`);
  const [, not, key = ''] = existence;
  return (not === '!') !== Object.hasOwn(labels, key);
}

/** Which methods an address has: for `OPTIONS`, and for 405 rather than 404. */
export interface RouteTable {
  add(method: string | readonly string[], pattern: string): void;
  /** Sorted; empty for an address that does not exist. */
  methodsOf(url: string): readonly string[];
}

export function createRouteTable(): RouteTable {
  const routes = new Map<string, { matches: RegExp; methods: Set<string> }>();
  return {
    add(method, pattern) {
      const route = routes.get(pattern) ?? { matches: matcher(pattern), methods: new Set() };
      for (const one of [method].flat()) route.methods.add(one);
      routes.set(pattern, route);
    },
    methodsOf(url) {
      const path = url.split('?', 1)[0] ?? '';
      const found = [...routes.values()].filter(({ matches }) => matches.test(path));
      return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}

/** `:name` stands for one segment. */
function matcher(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]{1,253}' : part.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`, 'u');
}

import { problemAt, type ManifestDocument, type Problem } from '@samband/gitops';
import { describeRef, kindRef, ourKind, refOf, type KindName } from '@samband/resources';
import type { Ports } from '../ports.js';
import type { RolloutContext } from './refs.js';
import { mayDo } from './rights.js';

/** Judged by each other: who may write one of them must be able to see all three. */
const together: ReadonlySet<KindName> = new Set(['AddressSpace', 'Address', 'MessagingUser']);

export interface Visible {
  /** Kinds of ours whose objects in the namespace the commit may be compared with. */
  readonly kinds: ReadonlySet<KindName>;
  readonly problems: readonly Problem[];
}

/**
 * What the source's service account may see in a namespace that is not its own. The worker sees everything: whatever it
 * compared a commit with, plan and problems would tell to who wrote that commit.
 *
 * @param documents those of our kinds in that namespace
 */
export async function visibleIn(
  ports: Ports,
  context: RolloutContext,
  namespace: string,
  documents: readonly ManifestDocument[],
): Promise<Visible> {
  const needed = new Set(documents.flatMap((document) => neededFor(document)));
  const kinds = new Set<KindName>();
  const plurals = new Map<KindName, string>();
  for (const kind of needed) {
    const ref = { ...kindRef(kind), namespace };
    const served = await ports.store.discover(ref);
    if (served === undefined) continue;
    plurals.set(kind, served.plural);
    if (await mayDo(ports, context, 'list', served, ref)) kinds.add(kind);
  }
  const problems = documents.flatMap((document) => {
    const ref = refOf(document.object);
    const missing = neededFor(document).filter((kind) => !kinds.has(kind));
    if (missing.length === 0) return [];
    const which = missing.map((kind) => plurals.get(kind) ?? kind).join(', ');
    const message = `${context.identity} may not list ${which} in namespace ${namespace}, so ${describeRef(ref)} cannot be judged: grant it get, list, create, patch and delete there`;
    return problemAt(document, 'FORBIDDEN', message, ref);
  });
  return { kinds, problems };
}

function neededFor({ object }: ManifestDocument): KindName[] {
  const kind = ourKind(object)?.kind;
  if (kind === undefined) return [];
  return together.has(kind) ? [...together] : [kind];
}

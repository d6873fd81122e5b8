import { describeRef, isOfKind, keyOf, refOf, spaceOfAddress, type KubeObject } from '@samband/resources';
import type { ManifestDocument, PathStep } from './manifest.js';
import type { LiveObjects } from './ownership.js';
import type { Problem } from './ports.js';
import { problemAt, quote } from './problems.js';
import { writtenBy } from './written-objects.js';

/**
 * New objects that want what an object holds that the commit removes: the same address, the same login, the same export. What is
 * gone is removed last, when all that is new works, so such a commit could never succeed.
 */
export function findReplacements(
  documents: readonly ManifestDocument[],
  live: LiveObjects,
  removals: readonly KubeObject[],
): Problem[] {
  const leaving = new Map(
    removals.flatMap((object) => holds(object).map((held) => [held.key, object] as const)),
  );
  if (leaving.size === 0) return [];
  return documents
    .filter(({ object }) => !live.has(keyOf(object)))
    .flatMap((document) =>
      holds(document.object).flatMap(({ key, path, what }): Problem[] => {
        const other = leaving.get(key);
        if (other === undefined) return [];
        const message = `${what} is still that of ${describeRef(refOf(other))}, which is removed only after this commit works: keep that name, or remove it with a commit of its own first`;
        const place = { file: document.file, line: document.lineOf(path) };
        return [problemAt(place, 'NAME_IN_USE', message, refOf(document.object))];
      }),
    );
}

interface Held {
  readonly key: string;
  readonly path: readonly PathStep[];
  readonly what: string;
}

function holds(object: KubeObject): Held[] {
  const { namespace = '' } = object.metadata;
  const written = writtenBy(object).map(({ kind, name, path }) => ({
    key: `${kind} ${namespace} ${name}`,
    path,
    what: `${kind} ${quote(name)}`,
  }));
  return [...nameHeld(object), ...written];
}

/** What an address or a user goes by at its broker. */
function nameHeld(object: KubeObject): Held[] {
  const { name, namespace = '' } = object.metadata;
  const space = spaceOfAddress(name);
  const { address, username } = (object['spec'] ?? {}) as { address?: unknown; username?: unknown };
  if (space === undefined) return [];
  const within = `${namespace}/${space}`;
  if (isOfKind('Address', object) && typeof address === 'string')
    return [
      {
        key: `address ${within} ${address}`,
        path: ['spec', 'address'],
        what: `the address ${quote(address)}`,
      },
    ];
  if (isOfKind('MessagingUser', object) && typeof username === 'string')
    return [
      {
        key: `user ${within} ${username}`,
        path: ['spec', 'username'],
        what: `the username ${quote(username)}`,
      },
    ];
  return [];
}

import type { Ports } from '../ports.js';

/** What open connections were last judged by, of each user: what logins are proven with, and rights. */
export type Admission = ReadonlyMap<
  string,
  {
    /** Digest of what the login is proven with: another one is another password. */
    readonly proof: string;
    /** One word each: `recv orders`. */
    readonly rights: ReadonlySet<string>;
  }
>;

/**
 * Users whose connections must go: the broker judges a login once, and a receiver only when it attaches. When nobody
 * knows what they were judged by, all of them.
 */
export function leavingUsers(before: Admission | undefined, now: Admission): string[] {
  if (before === undefined) return [...now.keys()];
  return [...before]
    .filter(([name, { proof, rights }]) => {
      const after = now.get(name);
      return after?.proof !== proof || [...rights].some((right) => !after.rights.has(right));
    })
    .map(([name]) => name);
}

type Line = readonly [name: string, proof: string, rights: readonly string[]];

/**
 * Kept beside the broker, and written only when the connections are closed: a worker that is killed before that, or
 * hands the turn to another, leaves to the next one what is still to close.
 */
export async function readAdmission({ brokers, runtime }: Ports, id: string): Promise<Admission | undefined> {
  const text = await runtime.files(id).read(brokers.admissionFile);
  if (text === undefined) return undefined;
  return new Map(
    (JSON.parse(text) as Line[]).map(([name, proof, rights]) => [name, { proof, rights: new Set(rights) }]),
  );
}

export async function writeAdmission(
  { brokers, runtime }: Ports,
  id: string,
  admission: Admission,
): Promise<void> {
  const lines: Line[] = [...admission].map(([name, { proof, rights }]) => [name, proof, [...rights].sort()]);
  await runtime.files(id).write({ [brokers.admissionFile]: JSON.stringify(lines) });
}

import { gitSourceSettings, labels, secretText, type GitSource, type Rollout } from '@samband/resources';
import type { GitCredentials, GitRemote } from '@samband/gitops';
import { SambandError } from '@samband/errors';
import type { EntityRef } from '@samband/contract';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { Snapshots } from '../snapshots.js';
import { secretRef } from '../space/refs.js';
import { madeOf, rolloutsOf } from './made.js';
import { parts, type TreeSnapshot } from './model.js';
import { readContext } from './refs.js';

/**
 * Fetches the commit's manifests into a snapshot. A commit that was rolled out before is taken from there when
 * the repository no longer has it (a force-push), so that going back to it stays possible.
 */
export async function checkoutCommit(
  ports: Ports,
  ref: EntityRef,
  run: Running,
): Promise<{ files: number; subject: string }> {
  const { rollout, source } = await readContext(ports.store, ref);
  const snapshots = new Snapshots(ports.store);
  const kept = (await snapshots.readIfThere(rollout, parts.tree)) as TreeSnapshot | undefined;
  // What is in force is at hand: to put it back needs no repository.
  const inForce =
    kept === undefined && madeOf(rollout).cause === 'drift'
      ? await readKept(ports, rollout, source)
      : undefined;
  const tree = kept ?? inForce ?? (await fetchTree(ports, rollout, source, run));
  if (kept === undefined) await snapshots.write(rollout, parts.tree, tree);
  // A worker that was killed between the two left the tree without a word.
  if (kept === undefined || rollout.status?.subject === undefined) {
    await ports.store.patchStatus({
      ref: { apiVersion: rollout.apiVersion, kind: rollout.kind, ...ref },
      status: {
        author: clip(tree.author, 1_024),
        subject: clip(tree.subject, 4_096),
        startedAt: run.since.toISOString(),
      },
    });
  }
  return { files: tree.files.length, subject: clip(tree.subject, 200) };
}

async function fetchTree(
  ports: Ports,
  rollout: Rollout,
  source: GitSource,
  run: Running,
): Promise<TreeSnapshot> {
  const { path } = gitSourceSettings(source.spec);
  try {
    const remote = await remoteOf(ports, source);
    const { author, subject, files, problems } = await ports.git.read(remote, rollout.spec.commit, {
      signal: run.signal,
    });
    return { path, author, subject, files, problems };
  } catch (error) {
    run.signal.throwIfAborted();
    const kept = await readKept(ports, rollout, source);
    if (kept !== undefined) return kept;
    throw error;
  }
}

/** The same commit as another rollout read it. */
async function readKept(
  ports: Ports,
  rollout: Rollout,
  source: GitSource,
): Promise<TreeSnapshot | undefined> {
  const { path } = gitSourceSettings(source.spec);
  for (const other of await rolloutsOf(ports, source)) {
    if (other.metadata.name === rollout.metadata.name) continue;
    if (other.metadata.labels?.[labels.commit] !== rollout.metadata.labels?.[labels.commit]) continue;
    const kept = (await new Snapshots(ports.store).readIfThere(other, parts.tree)) as
      TreeSnapshot | undefined;
    // The same commit may have been read from another folder.
    if (kept?.path === path) return kept;
  }
  return undefined;
}

/** Where the source's repository is, with its credentials. Throws GIT_UNAUTHENTICATED when their Secret is not usable. */
export async function remoteOf({ store }: Ports, source: GitSource): Promise<GitRemote> {
  const { url, branch, path, credentialsSecret } = gitSourceSettings(source.spec);
  if (credentialsSecret === undefined) return { url, branch, path };
  const namespace = source.metadata.namespace ?? '';
  const secret = await store.get(secretRef(namespace, credentialsSecret));
  const value = (key: string): string | undefined => secretText(secret, key);
  const [username, password, identity, knownHosts] = [
    value('username'),
    value('password'),
    value('identity'),
    value('known_hosts'),
  ];
  let credentials: GitCredentials | undefined;
  if (identity !== undefined && knownHosts !== undefined) credentials = { type: 'ssh', identity, knownHosts };
  else if (username !== undefined && password !== undefined)
    credentials = { type: 'basic', username, password };
  if (credentials === undefined) {
    throw new SambandError(
      'GIT_UNAUTHENTICATED',
      secret === undefined
        ? `Secret ${credentialsSecret} does not exist in ${namespace}; create it, or change spec.credentialsRef`
        : `Secret ${credentialsSecret} needs the keys username and password, or identity and known_hosts`,
    );
  }
  return { url, branch, path, credentials };
}

import { errorCode } from '@samband/errors';
import {
  problemAt,
  serverObjections,
  withoutFields,
  type DeclaredEntry,
  type ManifestDocument,
  type Problem,
  type RolloutPlan,
  type ServerObjection,
} from '@samband/gitops';
import {
  describeRef,
  keyOf,
  refKey,
  type ApplyOptions,
  type KubeObject,
  type ObjectRef,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { secretRef } from '../space/refs.js';
import type { RolloutContext } from './refs.js';
import { mayDo } from './rights.js';

/**
 * Addresses come by the thousand and were judged by the very schema that the API server has; a few of each
 * namespace tell whether the service account may write them.
 */
const addressesTried = 10;

/**
 * Asks the API server what it would say, as the service account, without changing anything. Objects that have a
 * problem already are not tried: their mistakes would be named twice. What a commit removes is only known for
 * certain when all of it could be read.
 */
export async function tryOut(
  ports: Ports,
  context: RolloutContext,
  plan: RolloutPlan,
  documents: readonly ManifestDocument[],
  known: readonly Problem[],
  run: Running,
): Promise<Problem[]> {
  const missing = await judgeServiceAccount(ports, context);
  if (missing !== undefined) return [missing];
  const declared = plan.entries.filter(
    (entry): entry is DeclaredEntry => entry.action === 'add' || entry.action === 'change',
  );
  const newNamespaces = new Set(
    declared
      .filter(({ ref, action }) => ref.kind === 'Namespace' && action === 'add')
      .map(({ ref }) => ref.name),
  );
  const newRoles = new Set(
    declared.filter(({ ref, action }) => isRole(ref) && action === 'add').map(({ ref }) => refKey(ref)),
  );
  // What needs another object of this very commit cannot be tried out before that is there.
  const faulty = new Set(known.map(({ resource }) => resource));
  const tried = sample(declared).filter(
    ({ ref, manifest }) =>
      !faulty.has(describeRef(ref)) &&
      !newNamespaces.has(ref.namespace ?? '') &&
      !newRoles.has(roleOf(manifest)),
  );
  const options = {
    fieldManager: context.fieldManager,
    as: context.identity,
    // Fields of other managers are taken over, or refused with their name, when the rollout applies.
    force: true,
    dryRun: true,
  };
  const results = await ports.store.applyMany(
    tried.map(({ manifest }) => manifest),
    {
      ...options,
      signal: run.signal,
      onProgress: () => {
        run.beat('trying out');
      },
    },
  );
  const places = new Map(documents.map((document) => [keyOf(document.object), document]));
  const problems: Problem[] = [];
  for (const [index, result] of results.entries()) {
    const entry = tried[index];
    if (result.ok || entry === undefined) continue;
    if (!isObjection(result.error)) {
      problems.push(problemOf(context, entry, result.error));
      continue;
    }
    const objections = await objectionsTo(ports, entry.manifest, result.error, options);
    const lineOf = places.get(refKey(entry.ref))?.lineOf;
    for (const { code, path, message } of objections) {
      const line = lineOf?.(path) ?? entry.line;
      problems.push(problemAt({ file: entry.file, line }, code, message, entry.ref));
    }
  }
  return known.length > 0 ? problems : [...problems, ...(await judgeRemovals(ports, context, plan))];
}

/** Of an object with fields that its kind does not have, the API server looks at nothing else: it is asked again. */
async function objectionsTo(
  { store }: Ports,
  manifest: KubeObject,
  error: Error,
  options: ApplyOptions,
): Promise<ServerObjection[]> {
  const objections = serverObjections(error.message, manifest);
  const unknown = objections.filter(({ code }) => code === 'UNKNOWN_FIELD').map(({ path }) => path);
  const rest = unknown.length === 0 ? undefined : withoutFields(manifest, unknown);
  if (rest === undefined) return objections;
  const [again] = await store.applyMany([rest], options);
  if (again === undefined || again.ok || !isObjection(again.error)) return objections;
  return [...objections, ...serverObjections(again.error.message, rest)];
}

/** The API server understood what was asked for, and says what is wrong with the object itself. */
function isObjection(error: Error): boolean {
  return errorCode(error) === 'KUBERNETES_INVALID' || errorCode(error) === 'BAD_REQUEST';
}

function isRole({ kind }: ObjectRef): boolean {
  return kind === 'Role' || kind === 'ClusterRole';
}

/** Key of the role that a binding refers to; empty for everything else. */
function roleOf(manifest: KubeObject): string {
  const roleRef = manifest['roleRef'] as { kind?: string; name?: string } | undefined;
  if (roleRef?.kind === undefined || roleRef.name === undefined) return '';
  const { namespace } = manifest.metadata;
  return refKey({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: roleRef.kind,
    name: roleRef.name,
    ...(roleRef.kind === 'Role' && namespace !== undefined ? { namespace } : {}),
  });
}

function sample(entries: readonly DeclaredEntry[]): DeclaredEntry[] {
  const seen = new Map<string, number>();
  return entries.filter(({ ref, action }) => {
    if (ref.kind !== 'Address') return true;
    const key = `${ref.namespace ?? ''} ${action}`;
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count < addressesTried;
  });
}

async function judgeServiceAccount(ports: Ports, { source }: RolloutContext): Promise<Problem | undefined> {
  const { namespace = '' } = source.metadata;
  const name = source.spec.serviceAccountName;
  const account = await ports.store.get({ ...secretRef(namespace, name), kind: 'ServiceAccount' });
  if (account !== undefined) return undefined;
  return problemAt(
    { file: '', line: 0 },
    'SERVICE_ACCOUNT_NOT_FOUND',
    `service account ${namespace}/${name}, which objects are applied as, does not exist: create it and give it a role`,
  );
}

function problemOf({ identity }: RolloutContext, entry: DeclaredEntry, error: Error): Problem {
  switch (errorCode(error)) {
    case 'KUBERNETES_FORBIDDEN':
      return problemAt(
        entry,
        'FORBIDDEN',
        `${identity} may not apply ${describeRef(entry.ref)}: ${error.message}`,
        entry.ref,
      );
    case 'NOT_FOUND':
      return problemAt(entry, 'NAMESPACE_NOT_FOUND', error.message, entry.ref);
    default:
      // The API server is away or busy: that is no fault of the commit.
      throw error;
  }
}

/** Removals cannot be tried out one by one without cost; the right to delete is asked for once per kind. */
async function judgeRemovals(ports: Ports, context: RolloutContext, plan: RolloutPlan): Promise<Problem[]> {
  const kinds = new Map<string, ObjectRef>();
  for (const { action, ref } of plan.entries) {
    if (action === 'remove') kinds.set(`${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`, ref);
  }
  const problems: Problem[] = [];
  for (const ref of kinds.values()) {
    const served = await ports.store.discover(ref);
    if (served === undefined) continue;
    if (!(await mayDo(ports, context, 'delete', served, ref))) {
      problems.push(
        problemAt(
          { file: '', line: 0 },
          'FORBIDDEN',
          `${context.identity} may not delete ${served.plural}, so ${describeRef(ref)} cannot be removed: grant it, or set spec.prune to false`,
          ref,
        ),
      );
    }
  }
  return problems;
}

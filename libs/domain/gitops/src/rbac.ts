import { keyOf, refKey, serviceAccountUser, type KubeObject, type ObjectRef } from '@samband/resources';

const group = 'rbac.authorization.k8s.io';

/** Roles, cluster roles and their bindings, as far as they may concern a service account. */
export type RbacObjects = readonly KubeObject[];

export interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  /** Absent: any name. */
  readonly name?: string;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export function isRbac({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return apiVersion.startsWith(`${group}/`) && /^(Cluster)?Role(Binding)?$/.test(kind);
}

/** The objects as they are once these manifests are applied. */
export function withManifests(objects: RbacObjects, manifests: readonly KubeObject[]): RbacObjects {
  const replaced = new Map(manifests.map((manifest) => [keyOf(manifest), manifest]));
  const kept = objects.filter((object) => !replaced.has(keyOf(object)));
  return [...kept, ...replaced.values()];
}

/** Whether RBAC grants the right, as the API server's authorizer decides it (additive, no denials). */
export function grants(objects: RbacObjects, subject: Subject, right: Right): boolean {
  const roles = new Map(
    objects.filter(({ kind }) => !kind.endsWith('Binding')).map((role) => [keyOf(role), role]),
  );
  return objects.some((binding) => {
    if (!binding.kind.endsWith('Binding')) return false;
    const { namespace } = binding.metadata;
    if (binding.kind === 'RoleBinding' && namespace !== right.namespace) return false;
    if (!binds(binding, subject)) return false;
    return rulesOf(binding, roles).some((rule) => covers(rule, right));
  });
}

/** What a role gives, one right a tuple; `*` stays `*` and is covered by nothing less. */
export function rightsOfRole(role: KubeObject): Right[] {
  const { namespace } = role.metadata;
  return ((role['rules'] ?? []) as Rule[]).flatMap(
    ({ apiGroups = [], resources = [], verbs = [], resourceNames }) =>
      apiGroups.flatMap((apiGroup) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            (resourceNames ?? [undefined]).map((name) => ({
              verb,
              group: apiGroup,
              resource,
              ...(namespace === undefined ? {} : { namespace }),
              ...(name === undefined ? {} : { name }),
            })),
          ),
        ),
      ),
  );
}

function rulesOf(binding: KubeObject, roles: ReadonlyMap<string, KubeObject>): readonly Rule[] {
  const ref = binding['roleRef'] as { kind?: string; name?: string } | undefined;
  const { namespace } = binding.metadata;
  const key = refKey({
    apiVersion: `${group}/v1`,
    kind: ref?.kind ?? '',
    name: ref?.name ?? '',
    ...(ref?.kind === 'Role' && namespace !== undefined ? { namespace } : {}),
  });
  return (roles.get(key)?.['rules'] ?? []) as Rule[];
}

function binds(binding: KubeObject, { user, groups }: Subject): boolean {
  const subjects = (binding['subjects'] ?? []) as { kind?: string; name?: string; namespace?: string }[];
  return subjects.some(({ kind, name = '', namespace = '' }) => {
    if (kind === 'ServiceAccount') return user === serviceAccountUser(namespace, name);
    return kind === 'User' ? user === name : groups.includes(name);
  });
}

function covers(rule: Rule, right: Right): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    list?.includes('*') === true || list?.includes(value) === true;
  if (
    !has(rule.verbs, right.verb) ||
    !has(rule.apiGroups, right.group) ||
    !has(rule.resources, right.resource)
  )
    return false;
  const { resourceNames = [] } = rule;
  return resourceNames.length === 0 || (right.name !== undefined && resourceNames.includes(right.name));
}

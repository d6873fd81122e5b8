import { patience, stateOf, type Kube, type Team } from '@samband/driver';
import { eventually } from '@samband/testing';

/** Everything that tells one team from another, or one day from another, and nothing else. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\bbroker-[0-9a-f]{7}\b/g, '<broker>'],
  [/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g, '<certificate>'],
  [/\bLS0tLS1CRUdJTi[A-Za-z0-9+/=]+/g, '<certificate>'],
];
const ports = /^(port|service\.port\.\w+)$/;
const secret = /^(password|secret)$/;

/** A team's objects and the fate of its rollouts, comparable with those of another team that did the same. */
export async function endStateOf(kube: Kube, team: Team): Promise<Record<string, unknown>> {
  const [state, rollouts] = await Promise.all([stateOf(kube, team.namespace), team.rollouts()]);
  const fates = rollouts.map(({ spec, status }) => ({
    attempt: spec.attempt,
    subject: status?.subject,
    phase: status?.phase,
    // A step that a dead worker was at stands there as interrupted, before its repetition.
    steps: (status?.steps ?? [])
      .filter(({ message }) => message !== 'interrupted')
      .map(({ name, phase, message }) => [name, phase, message].join(' ')),
  }));
  return alike({ ...state, Rollouts: fates }, team.namespace) as Record<string, unknown>;
}

/** As `endStateOf`, once nothing moves any more. */
export function settledState(kube: Kube, team: Team): Promise<Record<string, unknown>> {
  let last: unknown;
  return eventually(
    async () => {
      const state = await endStateOf(kube, team);
      const moved = [...differences(last, state), ...orphans(state)];
      last = state;
      if (moved.length > 0) throw new Error(`${team.namespace} does not come to rest: ${moved.join('; ')}`);
      return state;
    },
    { ...patience, intervalMs: 2_000 },
  );
}

/** What its owner left behind: the garbage collector of Kubernetes comes for it some seconds later. */
function orphans(state: Record<string, unknown>): string[] {
  return Object.entries(state).flatMap(([name, object]) => {
    const { metadata } = object as { metadata?: { ownerReferences?: { kind: string; name: string }[] } };
    const owners = metadata?.ownerReferences ?? [];
    return owners.some((owner) => `${owner.kind}/${owner.name}` in state) || owners.length === 0
      ? []
      : [`${name} outlives its owner`];
  });
}

/** The data with everything replaced that differs between teams. */
export function alike(value: unknown, namespace: string): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (ports.test(key)) return '<port>';
      if (typeof inner !== 'string') return inner;
      if (secret.test(key)) return '<secret>';
      if (key === 'admitted') return '<users>';
      return replacements.reduce(
        (text, [pattern, name]) => text.replaceAll(pattern, name),
        inner.replaceAll(namespace, '<team>'),
      );
    }),
  ) as unknown;
}

/** Paths at which two sets of data differ, with both values; the first few. */
export function differences(expected: unknown, actual: unknown, at = ''): string[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(expected[key], actual[key], `${at}/${key}`)).slice(0, 5);
  }
  const [left, right] = [JSON.stringify(expected), JSON.stringify(actual)] as (string | undefined)[];
  return left === right ? [] : [`${at} is ${right ?? 'missing'}, undisturbed ${left ?? 'missing'}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

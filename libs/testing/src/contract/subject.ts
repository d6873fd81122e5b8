import assert from 'node:assert/strict';
import { errorCode, type ErrorCode, type SambandError } from '@samband/errors';
import { refOf, type KubeObject, type ObjectRef, type ResourceStore } from '@samband/resources';

/** A store that the contract is tried on: the real one, or the one in memory. */
export interface StoreUnderTest {
  readonly store: ResourceStore;
  /** A namespace that exists and holds nothing of the contract's. */
  readonly namespace: string;
  /** Permits the user these verbs, on these objects of the namespace; returns when it is in force. */
  readonly grant: (user: string, verbs: readonly string[], plural: string) => Promise<void>;
}

export interface ContractCase {
  readonly name: string;
  readonly run: (subject: StoreUnderTest) => Promise<void>;
}

export function promise(name: string, run: ContractCase['run']): ContractCase {
  return { name, run };
}

export function configMap(namespace: string, name: string, data?: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name },
    ...(data === undefined ? {} : { data }),
  };
}

export function source(namespace: string, name: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'samband.dev/v1alpha1',
    kind: 'GitSource',
    metadata: { namespace, name },
    spec: {
      url: 'https://git.example.org/team.git',
      ref: { branch: 'main' },
      provider: 'generic',
      serviceAccountName: 'deployer',
      ...spec,
    },
  };
}

export async function mustGet(store: ResourceStore, ref: ObjectRef): Promise<KubeObject> {
  const object = await store.get(ref);
  assert.ok(object, `${ref.kind} ${ref.name} is not there`);
  return object;
}

export async function dataOf(store: ResourceStore, namespace: string, name: string): Promise<unknown> {
  return (await mustGet(store, refOf(configMap(namespace, name))))['data'];
}

export async function fails(promise: Promise<unknown>, code: ErrorCode): Promise<SambandError> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.equal(errorCode(failure), code, `expected ${code}, got ${String(failure)}`);
  return failure as SambandError;
}

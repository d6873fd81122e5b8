import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createResourceStore, type KubernetesStore } from '@samband/kubernetes';
import type { KubeObject, ObjectRef } from '@samband/resources';
import { eventually, kubernetesBinary } from '@samband/testing';

const apiVersions = {
  AddressSpace: 'enmasse.io/v1beta1',
  Address: 'enmasse.io/v1beta1',
  MessagingUser: 'user.enmasse.io/v1beta1',
  AddressSpacePlan: 'admin.enmasse.io/v1beta2',
  AddressPlan: 'admin.enmasse.io/v1beta2',
  BrokeredInfraConfig: 'admin.enmasse.io/v1beta1',
  AuthenticationService: 'admin.enmasse.io/v1beta1',
  GitSource: 'samband.dev/v1alpha1',
  Rollout: 'samband.dev/v1alpha1',
  ConfigMap: 'v1',
  Secret: 'v1',
  Event: 'v1',
  Namespace: 'v1',
  ServiceAccount: 'v1',
  Role: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
} as const;

export type Kind = keyof typeof apiVersions;

/** Where things may take their time: two cores, a JVM that starts, an API server that comes back. */
export const patience = { timeoutMs: 90_000, intervalMs: 100 } as const;

/** The API server as an administrator uses it. */
export class Kube {
  readonly store: KubernetesStore;

  constructor(private readonly kubeconfig: string) {
    this.store = createResourceStore({ kubeconfig });
  }

  get(kind: Kind, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    return this.store.get(refTo(kind, namespace, name));
  }

  /** Throws when there is none. */
  async need(kind: Kind, namespace: string | undefined, name: string): Promise<KubeObject> {
    const found = await this.get(kind, namespace, name);
    if (found === undefined) throw new Error(`there is no ${kind} ${namespace ?? ''}/${name}`);
    return found;
  }

  async list(kind: Kind, namespace?: string): Promise<KubeObject[]> {
    const { items } = await this.store.list(
      { apiVersion: apiVersions[kind], kind },
      namespace === undefined ? {} : { namespace },
    );
    return items;
  }

  apply(object: KubeObject): Promise<KubeObject> {
    return this.store.apply(object, { fieldManager: 'journey', force: true });
  }

  delete(kind: Kind, namespace: string | undefined, name: string): Promise<boolean> {
    return this.store.delete(refTo(kind, namespace, name));
  }

  annotate(kind: Kind, namespace: string, name: string, values: Record<string, string>): Promise<KubeObject> {
    return this.store.patch(refTo(kind, namespace, name), { metadata: { annotations: values } });
  }

  /** Texts of a Secret's values. */
  async secret(namespace: string, name: string): Promise<Record<string, string>> {
    const data = ((await this.need('Secret', namespace, name))['data'] ?? {}) as Record<string, string>;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
    );
  }

  putSecret(namespace: string, name: string, stringData: Record<string, string>): Promise<KubeObject> {
    return this.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData });
  }

  /** Until the object says that it is Ready at its newest generation. */
  ready(kind: Kind, namespace: string | undefined, name: string): Promise<KubeObject> {
    return eventually(async () => {
      const object = await this.need(kind, namespace, name);
      const { observedGeneration = 0 } = statusOf(object);
      const condition = conditionOf(object, 'Ready');
      if (observedGeneration === object.metadata.generation && condition.status === 'True') return object;
      throw new Error(
        `${kind} ${name} is not Ready (${condition.reason}: ${condition.message}), observed ${observedGeneration} of ${object.metadata.generation ?? 0}`,
      );
    }, patience);
  }

  /** Until the object is not Ready for that reason; returns the message. */
  notReady(kind: Kind, namespace: string | undefined, name: string, reason: string): Promise<string> {
    return eventually(async () => {
      const condition = conditionOf(await this.need(kind, namespace, name), 'Ready');
      if (condition.status === 'False' && condition.reason === reason) return condition.message;
      throw new Error(
        `${kind} ${name}: Ready is ${condition.status}, ${condition.reason}: ${condition.message}`,
      );
    }, patience);
  }

  async gone(kind: Kind, namespace: string | undefined, name: string): Promise<void> {
    await eventually(async () => {
      const object = await this.get(kind, namespace, name);
      if (object === undefined) return true;
      throw new Error(
        `${kind} ${name} is still there, finalizers: ${(object.metadata.finalizers ?? []).join()}`,
      );
    }, patience);
  }

  /** Until there is an Event with that reason about the object; returns its message. */
  event(namespace: string, name: string, reason: string): Promise<string> {
    return eventually(async () => {
      const events = await this.list('Event', namespace);
      const found = events.find(
        (event) => event['reason'] === reason && (event['involvedObject'] as { name?: string }).name === name,
      );
      if (found !== undefined) return String(found['message']);
      throw new Error(
        `no Event ${reason} about ${name}; there are: ${events.map((event) => String(event['reason'])).join()}`,
      );
    }, patience);
  }

  /** @returns what it printed; rejects with what it complained of */
  async kubectl(args: readonly string[], stdin = ''): Promise<string> {
    const running = promisify(execFile)(kubernetesBinary('kubectl'), [...args], {
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
      maxBuffer: 64 << 20,
    });
    running.child.stdin?.end(stdin);
    return (await running).stdout;
  }

  close(): void {
    this.store.close();
  }
}

export interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function statusOf(object: KubeObject): Status {
  return (object['status'] ?? {}) as Status;
}

export function conditionOf(object: KubeObject, type: string): Condition {
  const found = statusOf(object).conditions?.find((condition) => condition.type === type);
  return found ?? { type, status: 'Unknown', reason: '', message: '' };
}

export function refTo(kind: Kind, namespace: string | undefined, name: string): ObjectRef {
  return { apiVersion: apiVersions[kind], kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

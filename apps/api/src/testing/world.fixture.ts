import { createHmac } from 'node:crypto';
import { SambandError } from '@samband/errors';
import { createMetrics, silentLogger, type Logger } from '@samband/observability';
import {
  INFRA_NAMESPACE,
  refKey,
  type GitSource,
  type KubeObject,
  type ObjectRef,
  type ResourceStore,
  type Rollout,
} from '@samband/resources';
import { createMemoryStore } from '@samband/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../create-app.js';
import { systemClock, type ApiDependencies, type Clock } from '../ports.js';

export const secretText = 'It’s a Secret to Everybody';
export const commit = '6dcb09b5b57875f334f61aebed695e2e4193db5e';

/** Who holds which token, and what RBAC lets them do: `<verb> <resource> <namespace>`. */
export const callers: Readonly<Record<string, { username: string; may: readonly string[] }>> = {
  'token-of-alice': {
    username: 'alice',
    may: [
      'list gitsources team1',
      'get gitsources team1',
      'list rollouts team1',
      'get rollouts team1',
      'update gitsources team1',
    ],
  },
  'token-of-bob': { username: 'bob', may: ['list gitsources team2', 'get gitsources team1'] },
  'token-of-carol': { username: 'carol', may: [] },
  'token-of-nobody': { username: ' ', may: ['list gitsources team1'] },
};

export interface World {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Stamps that were written, in order: `<namespace>/<name> <value>`. */
  readonly stamps: string[];
  /** Sources whose workflows were made to look, in order. */
  readonly signals: string[];
  /** What the journals of accepted pushes hold. */
  journaled(): string[];
  /** TokenReviews that were asked. */
  readonly reviews: string[];
  /** Secrets that were read. */
  readonly reads: string[];
  readonly objects: Map<string, KubeObject>;
  /** What the outside world does; change it to break it. */
  readonly outside: {
    kubernetes: 'up' | 'down' | 'forbids';
    temporal: 'up' | 'down' | 'hangs';
    /** Milliseconds that a write to the Kubernetes API takes. */
    writeDelay: number;
  };
  put(object: KubeObject): void;
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Response>;
  get(path: string, token?: string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly perMinute?: number;
  readonly burst?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Milliseconds; as the client's own limit, only shorter. */
const signalTimeout = 300;

/** The api on a free port over an outside world in memory. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const objects = new Map<string, KubeObject>();
  const record = {
    stamps: [] as string[],
    signals: [] as string[],
    reviews: [] as string[],
    reads: [] as string[],
  };
  const outside: World['outside'] = { kubernetes: 'up', temporal: 'up', writeDelay: 0 };
  const memory = createMemoryStore({ namespaces: [INFRA_NAMESPACE] });
  const put = (object: KubeObject): void => {
    objects.set(refKey(keyed(object)), object);
  };
  for (const object of [source('app'), rollout(1), rollout(2), secret('hook', { secret: secretText })])
    put(object);
  const app = await createApp({
    kubernetes: kubernetesOf(objects, memory.store, record, outside),
    resources: resourcesOf(objects),
    signalSource: async ({ namespace, name }) => {
      if (outside.temporal === 'hangs') await systemClock.sleep(signalTimeout);
      if (outside.temporal !== 'up') throw new SambandError('TEMPORAL_UNAVAILABLE', outside.temporal);
      record.signals.push(`${namespace}/${name}`);
    },
    checks: [
      {
        name: 'kubernetes',
        required: true,
        check: () => (outside.kubernetes === 'up' ? Promise.resolve() : refuse(outside.kubernetes)),
      },
      {
        name: 'temporal',
        required: false,
        check: () => (outside.temporal === 'up' ? Promise.resolve() : refuse('down')),
      },
    ],
    logger: options.logger ?? silentLogger,
    metrics: createMetrics({ process: 'api' }),
    clock: options.clock ?? systemClock,
    close: () => Promise.resolve(),
    webhooks: { perMinute: options.perMinute ?? 60_000, burst: options.burst ?? 10_000 },
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    url,
    objects,
    outside,
    ...record,
    journaled: () => memory.all().flatMap(({ data }) => sourcesOf(data)),
    put,
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers }),
    get: (path, token, headers = {}) =>
      fetch(`${url}${path}`, {
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      }),
    stop: () => app.close(),
  };
}

/** Headers as GitHub sends them, over this very body. */
export function githubHeaders(
  body: string | Buffer,
  changes: Record<string, string> = {},
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secretText).update(body).digest('hex')}`,
    ...changes,
  };
}

export function pushOf(branch = 'main', after = commit): string {
  return JSON.stringify({
    ref: `refs/heads/${branch}`,
    after,
    commits: [],
    repository: { clone_url: 'http://169.254.169.254/' },
  });
}

export function source(name: string, spec: Partial<GitSource['spec']> = {}, namespace = 'team1'): GitSource {
  return {
    apiVersion: 'samband.dev/v1alpha1',
    kind: 'GitSource',
    metadata: { namespace, name, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      url: 'https://git.example/team1/app.git',
      ref: { branch: 'main' },
      provider: 'github',
      webhook: { secretRef: { name: 'hook' } },
      serviceAccountName: 'deployer',
      ...spec,
    },
  };
}

export function rollout(attempt: number, sha = commit, name = 'app'): Rollout {
  return {
    apiVersion: 'samband.dev/v1alpha1',
    kind: 'Rollout',
    metadata: {
      namespace: 'team1',
      name: `${name}-${sha.slice(0, 12)}-${attempt}`,
      creationTimestamp: `2026-01-01T00:00:0${attempt % 10}Z`,
    },
    spec: { source: name, commit: sha, attempt },
  };
}

export function secret(name: string, values: Record<string, string>, namespace = 'team1'): KubeObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data };
}

function sourcesOf(data: unknown): string[] {
  return JSON.parse((data as { sources: string }).sources) as string[];
}

type Records = Pick<World, 'stamps' | 'signals' | 'reviews' | 'reads'>;

function kubernetesOf(
  objects: Map<string, KubeObject>,
  store: ResourceStore,
  record: Records,
  outside: World['outside'],
): ApiDependencies['kubernetes'] {
  const guard = (): Promise<void> =>
    outside.kubernetes === 'up' ? Promise.resolve() : refuse(outside.kubernetes);
  const guardWrite = async (): Promise<void> => {
    await systemClock.sleep(outside.writeDelay);
    await guard();
  };
  return {
    list: (...call) => guard().then(() => store.list(...call)),
    create: (...call) => guardWrite().then(() => store.create(...call)),
    replace: (...call) => guardWrite().then(() => store.replace(...call)),
    delete: (...call) => guardWrite().then(() => store.delete(...call)),
    get: async (ref) => {
      if (ref.kind === 'ConfigMap') return guard().then(() => store.get(ref));
      record.reads.push(`${ref.kind} ${ref.namespace ?? ''}/${ref.name}`);
      await guard();
      return objects.get(refKey(ref));
    },
    patch: async (ref, patch) => {
      await guardWrite();
      const object = objects.get(refKey(ref));
      if (object === undefined) throw new SambandError('NOT_FOUND', 'gone');
      const { metadata } = patch as { metadata: { annotations: Record<string, string> } };
      record.stamps.push(
        `${ref.namespace ?? ''}/${ref.name} ${metadata.annotations['samband.dev/requested-at'] ?? ''}`,
      );
      return object;
    },
    patchStatus: async ({ ref, status, resourceVersion }) => {
      await guardWrite();
      const object = objects.get(refKey(ref));
      if (object === undefined) return 'gone';
      if (resourceVersion !== object.metadata.resourceVersion) return 'conflict';
      objects.set(refKey(ref), { ...object, status: { ...(object['status'] as object), ...status } });
      return 'written';
    },
    reviewToken: async (token) => {
      record.reviews.push(token);
      await guard();
      const caller = callers[token];
      return caller && { username: caller.username, groups: [] };
    },
    reviewAccess: async ({ user, verb, resource, namespace = '', group }) => {
      await guard();
      const caller = Object.values(callers).find(({ username }) => username === user);
      return group === 'samband.dev' && caller?.may.includes(`${verb} ${resource} ${namespace}`) === true;
    },
  };
}

function resourcesOf(objects: ReadonlyMap<string, KubeObject>): ApiDependencies['resources'] {
  const all = (): KubeObject[] => [...objects.values()];
  return {
    get: (ref) => objects.get(refKey(ref)),
    list: ({ kind }, namespace) =>
      all().filter((object) => object.kind === kind && object.metadata.namespace === namespace),
    byIndex: (_index, key) =>
      all().filter(
        (object) =>
          object.kind === 'Rollout' &&
          `${object.metadata.namespace ?? ''}/${(object as unknown as Rollout).spec.source}` === key,
      ),
  };
}

function refuse(how: 'down' | 'forbids'): Promise<never> {
  return Promise.reject(
    how === 'down'
      ? new SambandError('KUBERNETES_UNAVAILABLE', 'connect ECONNREFUSED 10.1.2.3:6443')
      : new SambandError('KUBERNETES_FORBIDDEN', 'system:serviceaccount:samband:api may not get secrets'),
  );
}

function keyed({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const { namespace, name } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

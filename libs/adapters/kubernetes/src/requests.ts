import { SambandError } from '@samband/errors';
import {
  describeRef,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  type ServedKind,
} from '@samband/resources';
import { createDiscovery, type Discovery } from './discovery.js';
import type { Answer } from './exchange.js';
import { toKubernetesError, type Subject } from './status-error.js';
import type { ApiRequest, Transport } from './transport.js';

/** Requests about objects: the kind's path is looked up, failures become catalogue errors. */
export interface Requests {
  readonly discovery: Discovery;
  /** The answer's object. */
  object(ref: ObjectRef, build: (served: ServedKind) => ApiRequest): Promise<KubeObject>;
  /** The answer, when its status is a success or one of `expected`. */
  answer(
    ref: ObjectRef,
    build: (served: ServedKind) => ApiRequest,
    expected?: readonly number[],
  ): Promise<Answer>;
  /** The parsed body of a request about something that is no object. */
  body(subject: Subject, request: ApiRequest): Promise<unknown>;
}

export function createRequests(transport: Transport): Requests {
  const discovery = createDiscovery(transport);

  const answer: Requests['answer'] = async (ref, build, expected = []) => {
    const served = await discovery.require(ref);
    const result = await transport.send(build(served));
    if (isSuccess(result.status)) return result;
    const error = toKubernetesError(result, subjectOf(ref));
    // The kind itself is gone: that is not what "expected: 404" means.
    if (error.code === 'KUBERNETES_UNKNOWN_KIND') discovery.forget(ref.apiVersion);
    else if (expected.includes(result.status)) return result;
    throw error;
  };

  return {
    discovery,
    answer,
    object: async (ref, build) => parseObject((await answer(ref, build)).body, ref),
    async body(subject, request) {
      const result = await transport.send(request);
      if (!isSuccess(result.status)) throw toKubernetesError(result, subject);
      return parseJson(result.body, subject.text);
    },
  };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export function subjectOf(ref: ObjectRef): Subject {
  return { text: describeRef(ref), kind: ref.kind };
}

export function parseObject(body: string, ref: ObjectRef): KubeObject {
  return withKind(parseJson(body, describeRef(ref)), ref);
}

/** An object of the API; items of lists carry no kind of their own. Throws KUBERNETES_UNAVAILABLE for anything else. */
export function withKind(value: unknown, { apiVersion, kind }: KindRef): KubeObject {
  if (typeof value === 'object' && value !== null && 'metadata' in value) {
    const { metadata } = value;
    if (
      typeof metadata === 'object' &&
      metadata !== null &&
      'name' in metadata &&
      typeof metadata.name === 'string'
    ) {
      return { ...value, apiVersion, kind, metadata: metadata as KubeObject['metadata'] };
    }
  }
  throw new SambandError('KUBERNETES_UNAVAILABLE', `the Kubernetes API answered with no ${kind}`);
}

export function parseJson(body: string, what: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the text, which may be a Secret's.
    throw new SambandError(
      'KUBERNETES_UNAVAILABLE',
      `${what}: the Kubernetes API answered with something else than JSON`,
    );
  }
}

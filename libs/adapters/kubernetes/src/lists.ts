import { SambandError } from '@samband/errors';
import type { KubeObject, ListOptions, ServedKind } from '@samband/resources';
import { collectionPath, query } from './paths.js';
import { parseJson, withKind } from './requests.js';
import { toKubernetesError } from './status-error.js';
import type { Transport } from './transport.js';

export interface ListRequest extends ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with each object before the next page is asked for; what it returns is kept. */
  readonly keep?: (object: KubeObject) => KubeObject;
}

const pageSize = 1000;
const maxPageBytes = 256 << 20;
/** A list that takes longer than etcd keeps its snapshot (5 min) is begun again. */
const maxRestarts = 3;

/** Reads every page of a list. */
export async function listAll(
  transport: Transport,
  served: ServedKind,
  request: ListRequest = {},
): Promise<{ items: KubeObject[]; resourceVersion: string }> {
  for (let restart = 0; ; restart += 1) {
    const result = await readPages(transport, served, request);
    if (result !== 'expired') return result;
    if (restart === maxRestarts) {
      throw new SambandError(
        'KUBERNETES_UNAVAILABLE',
        `the list of ${served.plural} expired while it was read`,
      );
    }
  }
}

async function readPages(
  transport: Transport,
  served: ServedKind,
  request: ListRequest,
): Promise<{ items: KubeObject[]; resourceVersion: string } | 'expired'> {
  const items: KubeObject[] = [];
  let token: string | undefined;
  for (;;) {
    const parameters = { limit: String(pageSize), continue: token, labelSelector: request.labelSelector };
    const answer = await transport.send({
      method: 'GET',
      path: collectionPath(served, request.namespace) + query(parameters),
      accept: acceptHeader('PartialObjectMetadataList', request.metadataOnly),
      signal: request.signal,
      maxBytes: maxPageBytes,
    });
    if (answer.status === 410 && token !== undefined) return 'expired';
    if (answer.status !== 200) throw toKubernetesError(answer, { text: served.plural, kind: served.kind });
    const page = parseJson(answer.body, served.plural) as Page;
    for (const item of page.items ?? []) {
      const object = withKind(item, served);
      items.push(request.keep === undefined ? object : request.keep(object));
    }
    token = page.metadata?.continue;
    if (token === undefined || token === '')
      return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
  }
}

interface Page {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: readonly unknown[];
}

export function acceptHeader(kind: string, metadataOnly: boolean | undefined): string {
  return metadataOnly === true ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : 'application/json';
}

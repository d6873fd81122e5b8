import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { SambandError } from '@samband/errors';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';

export interface KubernetesOptions {
  /** File to read; by default `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod. */
  readonly kubeconfig?: string;
  /** Milliseconds that one request may take; default 30,000. */
  readonly timeoutMs?: number;
  /** Attempts at a request that the API server could not serve at that moment; default 5 (about 3 s). */
  readonly attempts?: number;
}

/** Where the API server is and what to show it, good for some seconds. */
export interface Endpoint {
  /** Only host, port and perhaps a path in front, as proxies of several clusters have it. */
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Keeps connections: client-node itself opens a new one for each request (158 against 760 applies/s). */
  readonly dispatcher: Dispatcher;
}

export interface Connection {
  endpoint(): Promise<Endpoint>;
  /** After a 401: reads files and plugins again, so that a rotated token is found. At most once a second. */
  refresh(): void;
  close(): void;
}

/** client-node reads a token file again after 60 s; a certificate on disk gets the same age. */
const maxAgeMs = 30_000;
const minReloadMs = 1000;
const poolOptions: Pool.Options = {
  connections: 96,
  // The API server ends connections that were idle for 90 s (k8s.io/apiserver, `secure_serving.go`).
  keepAliveTimeout: 60_000,
};

/**
 * Loads the kubeconfig at once, so that a broken one stops the process where it starts.
 * Throws KUBERNETES_INVALID when it names no https server.
 */
export function createConnection(options: KubernetesOptions): Connection {
  let config = load(options);
  let loadedAt = performance.now();
  let current: { until: number; endpoint: Promise<Endpoint> } | undefined;
  const dispatchers = createDispatchers();

  return {
    endpoint() {
      if (current === undefined || performance.now() > current.until) {
        const fresh = resolve(config, dispatchers);
        const entry = { until: performance.now() + maxAgeMs, endpoint: fresh };
        current = entry;
        fresh.catch(() => {
          if (current === entry) current = undefined;
        });
      }
      return current.endpoint;
    },
    refresh() {
      if (performance.now() - loadedAt < minReloadMs) return;
      loadedAt = performance.now();
      current = undefined;
      try {
        config = load(options);
      } catch {
        // The file is being written: what was known before is tried again, and the file at the next 401.
      }
    },
    close() {
      dispatchers.close();
    },
  };
}

function load(options: KubernetesOptions): KubeConfig {
  const config = new KubeConfig();
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (error) {
    throw new SambandError(
      'KUBERNETES_INVALID',
      `the kubeconfig ${options.kubeconfig ?? 'of this environment'} cannot be read`,
      { cause: error },
    );
  }
  const server = config.getCurrentCluster()?.server ?? '';
  if (!server.startsWith('https://')) {
    throw new SambandError(
      'KUBERNETES_INVALID',
      'no Kubernetes API over https is configured: set KUBECONFIG to a kubeconfig file',
    );
  }
  return config;
}

async function resolve(config: KubeConfig, dispatchers: Dispatchers): Promise<Endpoint> {
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new SambandError('KUBERNETES_UNAVAILABLE', 'the credentials of the kubeconfig cannot be loaded', {
      cause: error,
    });
  }
  const cluster = config.getCurrentCluster();
  const server = new URL(cluster?.server ?? '');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file often ends in a newline, which no header may hold.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return { server, headers, dispatcher: dispatchers.of(server, cluster?.proxyUrl, tls) };
}

interface Dispatchers {
  of(server: URL, proxyUrl: string | undefined, tls: ConnectionOptions): Dispatcher;
  close(): void;
}

/** Of rotated certificates only the newest is wanted; the connections of older ones end by themselves. */
function createDispatchers(): Dispatchers {
  let newest: { readonly id: string; readonly dispatcher: Dispatcher } | undefined;
  return {
    of(server, proxyUrl, tls) {
      const known = Object.entries(tls).filter(([, value]) => value !== undefined);
      const hash = createHash('sha256').update(`${server.origin}\n${proxyUrl ?? ''}\n`);
      for (const [name, value] of known) hash.update(`${name}=${String(value)}\n`);
      const id = hash.digest('hex');
      if (newest?.id === id) return newest.dispatcher;
      const connect = { ...Object.fromEntries(known), keepAliveInitialDelay: 15_000 };
      const dispatcher =
        proxyUrl === undefined
          ? new Pool(server.origin, { ...poolOptions, connect })
          : new ProxyAgent({ ...poolOptions, uri: proxyUrl, requestTls: connect });
      newest = { id, dispatcher };
      return dispatcher;
    },
    close() {
      void newest?.dispatcher.destroy();
    },
  };
}

/** Where the API server is and whom to trust there, for programs that speak to it themselves. */
export interface ServerFacts {
  readonly host: string;
  readonly port: number;
  /** PEM; absent when the kubeconfig relies on the system's authorities. */
  readonly ca?: string;
}

export function readServerFacts(options: KubernetesOptions): ServerFacts {
  const cluster = load(options).getCurrentCluster();
  const server = new URL(cluster?.server ?? '');
  const ca =
    cluster?.caData === undefined
      ? cluster?.caFile === undefined
        ? undefined
        : readFileSync(cluster.caFile, 'utf8')
      : Buffer.from(cluster.caData, 'base64').toString('utf8');
  return {
    host: server.hostname,
    port: Number(server.port === '' ? '443' : server.port),
    ...(ca === undefined ? {} : { ca }),
  };
}

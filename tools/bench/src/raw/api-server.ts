import { Pool, type Dispatcher } from 'undici';

/** Where the API server is, and the token of an administrator. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly token: string;
}

export interface RawApi {
  apply(path: string, object: object): Promise<void>;
  patch(path: string, object: object): Promise<void>;
  /** @returns how many bytes came */
  get(path: string): Promise<number>;
  close(): void;
}

/** Kept connections, no discovery, no checks, answers thrown away unread. */
export function connectRawApi({ host, port, ca, token }: ServerAccess, inFlight: number): RawApi {
  const pool = new Pool(`https://${host}:${port}`, { connections: inFlight, connect: { ca } });
  const send = (
    method: Dispatcher.HttpMethod,
    path: string,
    type?: string,
    object?: object,
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      let status = 0;
      let bytes = 0;
      pool.dispatch(
        {
          method,
          path,
          headers: {
            authorization: `Bearer ${token}`,
            ...(type === undefined ? {} : { 'content-type': `application/${type}` }),
          },
          body: object === undefined ? null : JSON.stringify(object),
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_, code) => {
            status = code;
          },
          onResponseData: (_, chunk) => {
            bytes += chunk.length;
          },
          onResponseEnd: () => {
            if (status < 300) resolve(bytes);
            else reject(new Error(`${method} ${path} was answered ${status}`));
          },
          onResponseError: (_, error) => {
            reject(error);
          },
        },
      );
    });
  return {
    apply: async (path, object) => {
      await send('PATCH', `${path}?fieldManager=raw&force=true`, 'apply-patch+yaml', object);
    },
    patch: async (path, object) => {
      await send('PATCH', `${path}?fieldManager=raw`, 'merge-patch+json', object);
    },
    get: (path) => send('GET', path),
    close: () => {
      void pool.destroy();
    },
  };
}

export function addressesPath(namespace: string): string {
  return `/apis/enmasse.io/v1beta1/namespaces/${namespace}/addresses`;
}

export function rawAddress(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): object {
  return {
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'Address',
    metadata: { name, namespace, labels },
    spec: { address: messagingName(name), type: 'queue', plan: 'bench-queue' },
  };
}

/** `app.orders` is the Address of the queue `orders`. */
export function messagingName(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

import https from 'node:https';

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

/** Plain https over kept connections: no discovery, no checks, answers thrown away unread. */
export function connectRawApi({ host, port, ca, token }: ServerAccess, inFlight: number): RawApi {
  const agent = new https.Agent({ keepAlive: true, maxSockets: inFlight, scheduling: 'lifo' });
  const send = (method: string, path: string, type?: string, object?: object): Promise<number> => {
    const content = object === undefined ? undefined : JSON.stringify(object);
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          agent,
          host,
          port,
          ca,
          path,
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(content === undefined || type === undefined
              ? {}
              : { 'content-type': `application/${type}`, 'content-length': Buffer.byteLength(content) }),
          },
        },
        (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => (bytes += chunk.length));
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            if (status < 300) resolve(bytes);
            else reject(new Error(`${method} ${path} was answered ${status}`));
          });
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(content);
    });
  };
  return {
    apply: async (path, object) => {
      await send('PATCH', `${path}?fieldManager=raw&force=true`, 'apply-patch+yaml', object);
    },
    patch: async (path, object) => {
      await send('PATCH', `${path}?fieldManager=raw`, 'merge-patch+json', object);
    },
    get: (path) => send('GET', path),
    close: () => {
      agent.destroy();
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

import https from 'node:https';

export interface KubeResponse {
  readonly status: number;
  readonly body: unknown;
}

/** Requests as cluster admin, or as the user name `as`, for arranging a test's world without a `kubectl` process each. */
export type KubeRequest = (
  method: string,
  path: string,
  body?: object,
  contentType?: string,
  as?: string,
) => Promise<KubeResponse>;

export function createKubeRequest(url: string, tls: { ca: string; cert: string; key: string }): KubeRequest {
  const agent = new https.Agent({ ...tls, keepAlive: true, maxSockets: 16 });
  return (method, path, body, contentType = 'application/json', as) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        ...(text === undefined
          ? {}
          : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
        ...(as === undefined ? {} : { 'impersonate-user': as }),
      };
      const request = https.request(
        new URL(path, url),
        { method, agent, headers, timeout: 30_000 },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              body: parse(Buffer.concat(chunks).toString('utf8')),
            });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`)));
      request.on('error', reject);
      request.end(text);
    });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

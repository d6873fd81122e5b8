import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCa, issueCertificate } from '@samband/certificates';

/** Serves the repositories of a folder over smart https, through git's own http-backend. */
export interface GitHttpsServer {
  readonly port: number;
  readonly ca: string;
  /** What clients sent: method, path and authorization. */
  readonly requests: readonly { readonly url: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

export interface GitHttpsOptions {
  readonly root: string;
  /** `user:password` that is asked for. */
  readonly login?: string;
  /** Answers a request itself by returning true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export async function serveHttps({ root, login, intercept }: GitHttpsOptions): Promise<GitHttpsServer> {
  const now = new Date();
  const ca = await createCa({ commonName: 'test-ca', days: 2, now });
  const pair = await issueCertificate({
    ca,
    commonName: 'localhost',
    hosts: ['localhost'],
    usage: 'server',
    days: 1,
    now,
  });
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const { authorization } = request.headers;
    requests.push({ url: request.url ?? '', authorization });
    if (intercept?.(request, response) === true) return;
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted !== undefined && authorization !== wanted) {
      // A server may repeat what it got: it must not find its way into an error.
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"', 'content-type': 'text/plain' });
      response.end(`wrong: ${authorization ?? 'none'}`);
      return;
    }
    runBackend(root, request, response);
  });
  const port = await listen(server);
  return {
    port,
    ca: ca.certificate,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const headers = output.subarray(0, end).toString('latin1').split('\r\n');
    const status = headers.find((line) => line.startsWith('Status:'))?.slice(8, 11) ?? '200';
    const rest = headers.filter((line) => !line.startsWith('Status:'));
    response.writeHead(
      Number(status),
      Object.fromEntries(rest.map((line) => line.split(': ', 2) as [string, string])),
    );
    response.end(output.subarray(end + 4));
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}

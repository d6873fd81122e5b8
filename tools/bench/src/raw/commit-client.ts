/**
 * The tightest client that we know how to write for the work that a commit is made of. A process of its own, so that
 * its memory can be compared too: reads its task as JSON from the standard input, prints what it found.
 */
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { connectAmqp } from '@samband/amqp';
import { peakOf } from '../processes.js';
import type { CommitTask, RawCommit } from './commit.js';

const inFlight = 32;
const connections = 4;
const windowOfEach = 64;

const task = JSON.parse(await text(process.stdin)) as CommitTask;
const names = Array.from(
  { length: task.count },
  (_, index) => `app.${task.prefix}-${String(index).padStart(5, '0')}`,
);
const { host, port, ca, token } = task.server;
const agent = new https.Agent({ host, port, ca, keepAlive: true, maxSockets: inFlight, scheduling: 'lifo' });
const folder = `/apis/enmasse.io/v1beta1/namespaces/${task.namespace}/addresses`;

const applySeconds = await timed(() =>
  lanes(names, inFlight, (name) =>
    patch(`${folder}/${name}?fieldManager=raw&force=true`, 'apply-patch+yaml', {
      apiVersion: 'enmasse.io/v1beta1',
      kind: 'Address',
      metadata: { name, namespace: task.namespace, labels: task.labels },
      spec: { address: name.slice('app.'.length), type: 'queue', plan: 'bench-queue' },
    }),
  ),
);
const statusSeconds = await timed(() =>
  lanes(names, inFlight, (name) =>
    patch(`${folder}/${name}/status?fieldManager=raw`, 'merge-patch+json', { status: task.status }),
  ),
);
const queueSeconds = await timed(createQueues);
agent.destroy();
const found: RawCommit = { applySeconds, statusSeconds, queueSeconds, peakMb: peakOf(process.pid) };
console.log(JSON.stringify(found));

function patch(path: string, type: string, body: object): Promise<void> {
  const content = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        agent,
        host,
        port,
        path,
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': `application/${type}`,
          'content-length': Buffer.byteLength(content),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve();
          else reject(new Error(`PATCH ${path} was answered ${status}`));
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(content);
  });
}

async function createQueues(): Promise<void> {
  const { broker } = task;
  const opened = await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await connectAmqp({
        host: broker.host,
        port: broker.port,
        tls: { ca: broker.ca, cert: broker.certificate, key: broker.key, servername: broker.serverName },
        mechanism: 'EXTERNAL',
        containerId: 'bench-raw',
        timeoutMs: 30_000,
      });
      const requester = await connection.openRequester('activemq.management', {
        timeoutMs: 60_000,
        credit: 500,
      });
      return { connection, requester };
    }),
  );
  let turn = 0;
  await lanes(names, connections * windowOfEach, async (name) => {
    turn = (turn + 1) % connections;
    const answer = await opened[turn]?.requester.request({
      applicationProperties: { _AMQ_ResourceName: 'broker', _AMQ_OperationName: 'createQueue' },
      body: JSON.stringify([queueOf(name.slice('app.'.length)), false]),
    });
    if (answer?.applicationProperties?.['_AMQ_OperationSucceeded'] !== true)
      throw new Error(`the broker refused queue ${name}: ${String(answer?.body)}`);
  });
  await Promise.all(opened.map(({ connection }) => connection.close()));
}

function queueOf(name: string): string {
  return JSON.stringify({
    name,
    address: name,
    'routing-type': 'ANYCAST',
    durable: true,
    'max-consumers': -1,
    'auto-create-address': true,
    'auto-delete': false,
  });
}

async function lanes<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (let index = next++; index < items.length; index = next++) await work(items[index] as T);
    }),
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

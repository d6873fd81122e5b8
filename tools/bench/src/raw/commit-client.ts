/**
 * The tightest client that we know how to write for the work that a commit is made of. A process of its own, so that
 * its memory can be compared too: reads its task as JSON from the standard input, prints what it found.
 */
import { text } from 'node:stream/consumers';
import { peakOf } from '../processes.js';
import { seconds } from '../statistics.js';
import { addressesPath, connectRawApi, messagingName, rawAddress } from './api-server.js';
import type { CommitTask, RawCommit } from './commit.js';
import { connectRawManagement } from './management.js';

const requestsInFlight = 32;
const brokerConnections = 4;
const operationsInFlight = 250;

const { count, prefix, namespace, labels, status, server, broker } = JSON.parse(
  await text(process.stdin),
) as CommitTask;
const names = Array.from({ length: count }, (_, index) => `app.${prefix}-${String(index).padStart(5, '0')}`);
const folder = addressesPath(namespace);

const api = connectRawApi(server, requestsInFlight);
const applySeconds = await seconds(() =>
  lanes(requestsInFlight, (name) => api.apply(`${folder}/${name}`, rawAddress(namespace, name, labels))),
);
const statusSeconds = await seconds(() =>
  lanes(requestsInFlight, (name) => api.patch(`${folder}/${name}/status`, { status })),
);
api.close();

const management = await connectRawManagement(broker, brokerConnections);
const queueSeconds = await seconds(() =>
  lanes(operationsInFlight, (name) => management.createQueue(messagingName(name))),
);
await management.close();

const found: RawCommit = { applySeconds, statusSeconds, queueSeconds, peakMb: peakOf(process.pid) };
console.log(JSON.stringify(found));

async function lanes(width: number, work: (name: string) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, names.length) }, async () => {
      for (let name = names[next++]; name !== undefined; name = names[next++]) await work(name);
    }),
  );
}

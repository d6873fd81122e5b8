import { SambandError } from '@samband/errors';
import { isInternal, type ObservedBroker, type ObservedQueue } from '@samband/topology';
import type { ManagementPool } from './pool.js';

/** Rows of one listing; every value is text, whatever it means. */
export type Row = Readonly<Record<string, unknown>>;

const pageSize = 10_000;

/** All rows of a view. Each page sorts everything again, so pages are large: 435 bytes of answer per queue. */
export async function listAll(pool: ManagementPool, operation: string, sortField: string): Promise<Row[]> {
  const rows: Row[] = [];
  const options = JSON.stringify({ field: '', operation: '', value: '', sortField, sortOrder: 'asc' });
  for (let page = 1; ; page += 1) {
    const answer = await pool.invoke('broker', operation, [options, page, pageSize]);
    const { data, count } = parseView(answer);
    rows.push(...data);
    if (data.length === 0 || rows.length >= count) return rows;
  }
}

/** What the broker holds for its tenants and keeps: no queues of ours, and none that end with their client. */
export async function observe(pool: ManagementPool): Promise<ObservedBroker> {
  const [queues, addresses] = await Promise.all([
    listAll(pool, 'listQueues', 'name'),
    listAll(pool, 'listAddresses', 'name'),
  ]);
  return {
    queues: queues.filter(isKept).map(toQueue),
    addresses: addresses
      .filter((row) => row['temporary'] !== 'true' && !isInternal(text(row, 'name')))
      .map((row) => ({ name: text(row, 'name'), routings: routings(row) })),
  };
}

export function text(row: Row, field: string): string {
  const value = row[field];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

/** By its address: the name of a subscription is its client's to choose, also one that begins as ours do. */
function isKept(row: Row): boolean {
  return (
    row['durable'] === 'true' &&
    row['temporary'] !== 'true' &&
    row['internalQueue'] !== 'true' &&
    !isInternal(text(row, 'address'))
  );
}

function toQueue(row: Row): ObservedQueue {
  return {
    name: text(row, 'name'),
    address: text(row, 'address'),
    routing: text(row, 'routingType') === 'MULTICAST' ? 'MULTICAST' : 'ANYCAST',
    maxConsumers: Number(row['maxConsumers']),
    isEnabled: row['enabled'] !== 'false',
    isClients: isClients(row),
    messageCount: Number(row['messageCount']),
    consumerCount: Number(row['consumerCount']),
  };
}

/** The broker notes who attached; of what was made through management it notes nobody. */
function isClients(row: Row): boolean {
  const user = row['user'];
  return typeof user === 'string' && user !== '' && !user.startsWith('$');
}

function routings(row: Row): string[] {
  const value: unknown = JSON.parse(text(row, 'routingTypes') || '[]');
  return Array.isArray(value) ? value.map(String) : [];
}

function jsonIn(answer: unknown): unknown {
  try {
    return typeof answer === 'string' ? JSON.parse(answer) : undefined;
  } catch {
    return undefined;
  }
}

function parseView(answer: unknown): { data: Row[]; count: number } {
  const view = jsonIn(answer);
  if (typeof view !== 'object' || view === null || !('data' in view) || !Array.isArray(view.data)) {
    throw new SambandError('BROKER_UNAVAILABLE', 'the broker answered a listing with something else');
  }
  const count = 'count' in view ? Number(view.count) : view.data.length;
  return { data: view.data as Row[], count };
}

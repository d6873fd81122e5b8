import { createHash } from 'node:crypto';
import { errorCode } from '@samband/errors';
import type { KubeObject, ResourceStore } from '@samband/resources';

export interface EventRecord {
  /** What it is about. */
  readonly object: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** PascalCase, e.g. `AddressParked`. */
  readonly reason: string;
  /** At most 1,024 characters are kept. */
  readonly message: string;
  /** Part that reports, e.g. `samband-worker`. */
  readonly component: string;
}

/**
 * Writes a core/v1 Event; the same one again only counts up, so activities may repeat it.
 * Never throws: an event is a courtesy, and no step may fail for want of one.
 *
 * @returns whether it was written
 */
export async function recordEvent(store: ResourceStore, record: EventRecord): Promise<boolean> {
  const event = toEvent(record, new Date());
  const ref = {
    apiVersion: 'v1',
    kind: 'Event',
    namespace: event.metadata.namespace ?? 'default',
    name: event.metadata.name,
  };
  try {
    await store.create(event);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'CONFLICT') return false;
  }
  try {
    const existing = await store.get(ref);
    const count = typeof existing?.['count'] === 'number' ? existing['count'] : 1;
    await store.patch(ref, { count: count + 1, lastTimestamp: event['lastTimestamp'] });
    return true;
  } catch {
    return false;
  }
}

function toEvent({ object, type, reason, message, component }: EventRecord, now: Date): KubeObject {
  const { name, uid, resourceVersion } = object.metadata;
  // Events of cluster-scoped objects live in `default`.
  const namespace = object.metadata.namespace ?? 'default';
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const digest = createHash('sha256')
    .update([object.kind, uid, type, reason, message].join('\n'))
    .digest('hex');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${digest.slice(0, 16)}`, namespace },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      namespace: object.metadata.namespace,
      uid,
      resourceVersion,
    },
    type,
    reason,
    message: message.slice(0, 1024),
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

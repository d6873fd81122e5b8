import { endpointsOf, endpointStatus } from '@samband/topology';
import {
  conditionTypes,
  EXPORT_SERVICE_ACCOUNT,
  findCondition,
  setCondition,
  setFieldsIgnored,
  setStanding,
  type AddressSpace,
  type Condition,
  type Judgement,
} from '@samband/resources';
import type { EntityRef, SpaceReport, SpaceRun } from '@samband/contract';
import { clip } from '../clip.js';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { reasonOf } from './address-status.js';
import { withBundles } from './bundle-secrets.js';
import { bundleRemark, decideFor } from './certificates.js';
import { isSameExport, tenantPorts } from './export-objects.js';
import { wantedExports } from './exports.js';
import { fullCondition } from './fullness.js';
import { ensureSpaceInfra, infraId } from './infra-secret.js';
import { parkedCondition } from './publish-counts.js';
import { spaceRef } from './refs.js';
import type { SpaceRevisions } from './revisions.js';

/**
 * Says in the status of the space how it stands. A status that says so already is not written again.
 * @param of the run that this is the result of: nothing is said of a generation that it did not work on
 */
export async function publishSpace(
  ports: Ports,
  revisions: SpaceRevisions,
  ref: EntityRef,
  report: SpaceReport,
  of?: SpaceRun,
): Promise<{ changedMeanwhile: boolean }> {
  const space = (await ports.store.get(spaceRef(ref))) as AddressSpace | undefined;
  if (space === undefined || isOfAnother(space, of)) return { changedMeanwhile: true };
  const bundled = report.outcome === 'ready' ? await withBundles(ports, space) : { ok: true as const, space };
  // A Secret went since the certificate was read from it: the next run says so.
  if (!bundled.ok) return { changedMeanwhile: true };
  const now = ports.now().toISOString();
  const observedGeneration = space.metadata.generation ?? 1;
  const standing = setStanding(space.status?.conditions, { ...judge(report), observedGeneration }, now);
  const conditions = moreConditions(bundled.space, report).reduce<Condition[]>(
    (all, next) => setCondition(all, { ...next, observedGeneration }, now),
    setFieldsIgnored(standing, space, now),
  );
  const ready = report.outcome === 'ready';
  const message = report.outcome === 'failed' ? report.failure.message : '';
  const status = {
    isReady: ready,
    phase: phaseOf(space, report),
    messages: message === '' ? [] : [clip(message, 32_768)],
    observedGeneration,
    conditions,
    ...(ready ? await endpointFields(ports, ref, bundled.space) : {}),
  };
  const before = (space.status ?? {}) as Record<string, unknown>;
  const differs = Object.entries(status).some(([key, value]) => !isSameValue(value, before[key]));
  if (differs) {
    const outcome = await ports.store.patchStatus({
      ref: spaceRef(ref),
      status,
      resourceVersion: space.metadata.resourceVersion ?? '',
    });
    // Somebody changed the space since it was read: the next run says how it stands then.
    if (outcome === 'conflict') return { changedMeanwhile: true };
    await tellIgnored(ports, space, conditions);
  }
  return { changedMeanwhile: report.outcome === 'ready' && revisions.changedSinceRead(ref) };
}

function isOfAnother({ metadata }: AddressSpace, of: SpaceRun | undefined): boolean {
  return of !== undefined && (metadata.uid !== of.uid || (metadata.generation ?? 1) !== of.generation);
}

/** Once, when it begins: the condition stays for whoever looks later. */
async function tellIgnored(
  { events }: Ports,
  space: AddressSpace,
  conditions: readonly Condition[],
): Promise<void> {
  const ignored = findCondition(conditions, conditionTypes.fieldsIgnored);
  if (ignored === undefined || findCondition(space.status?.conditions, ignored.type)?.status === 'True')
    return;
  await events.record(space, 'Warning', ignored.reason, clip(ignored.message, 1_000));
}

async function endpointFields(ports: Ports, ref: EntityRef, space: AddressSpace): Promise<object> {
  const instance = await ports.runtime.inspectBroker(infraId(ports, ref));
  if (instance === undefined) return {};
  const { externalCa } = await ensureSpaceInfra(ports, ref);
  const target = { host: instance.host, ports: tenantPorts(instance) };
  return {
    caCert: Buffer.from(externalCa.certificate).toString('base64'),
    endpointStatuses: endpointsOf(space).map((endpoint) => {
      const remark =
        endpoint.cert.provider === 'certBundle' ? bundleRemark(ports, space, instance.host) : undefined;
      const messages = [...endpoint.messages, ...(remark === undefined ? [] : [remark])];
      return endpointStatus({ ...endpoint, messages }, target);
    }),
  };
}

/** `Failed` is for a space that worked before; one that never did is still being configured, or pending. */
function phaseOf(space: AddressSpace, report: SpaceReport): string {
  if (space.metadata.deletionTimestamp !== undefined) return 'Terminating';
  switch (report.outcome) {
    case 'ready':
      return 'Active';
    case 'progressing':
      return space.status?.phase === 'Active' ? 'Active' : 'Configuring';
    case 'failed': {
      const worked = space.status?.phase === 'Active' || space.status?.phase === 'Failed';
      if (worked) return 'Failed';
      return report.failure.retry === 'never' ? 'Pending' : 'Configuring';
    }
  }
}

type NextCondition = Omit<Condition, 'lastTransitionTime'>;

/** `exportSpace` leaves in the status what it could not withdraw. */
function exportedCondition(space: AddressSpace): NextCondition {
  const wanted = wantedExports(space);
  const left = (space.status?.exports ?? []).filter(
    (one) => !wanted.some((other) => isSameExport(one, other)),
  );
  if (left.length === 0)
    return { type: conditionTypes.exported, status: 'True', reason: 'Ready', message: '' };
  const names = left.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return {
    type: conditionTypes.exported,
    status: 'False',
    reason: 'ExportEmptied',
    message: `withdrawn, but not to be deleted by ${EXPORT_SERVICE_ACCOUNT}: ${names}; grant it delete, or remove what is left`,
  };
}

function judge(report: SpaceReport): Judgement {
  switch (report.outcome) {
    case 'ready':
      return {
        standing: 'ready',
        reason: 'Ready',
        message:
          report.counts.full === undefined
            ? 'a message went through the broker'
            : 'the broker works, but refuses messages of clients: its memory is full, see the condition Full',
      };
    case 'progressing':
      // A space that works goes on working while it is looked at.
      return { standing: 'reconciling', reason: 'Progressing', message: `at step ${report.step}` };
    case 'failed': {
      const { code, message, retry } = report.failure;
      const standing = retry === 'later' ? 'reconciling' : 'stalled';
      return { standing, reason: reasonOf(code), message: `${report.step}: ${message}` };
    }
  }
}

function moreConditions(space: AddressSpace, report: SpaceReport): NextCondition[] {
  switch (report.outcome) {
    case 'ready': {
      const { parked, full } = report.counts;
      const certificate = decideFor(space);
      return [
        {
          type: conditionTypes.certificateAsRequested,
          status: certificate.asRequested ? 'True' : 'False',
          reason: certificate.reason,
          message: certificate.message,
        },
        exportedCondition(space),
        parkedCondition(parked),
        fullCondition(full),
      ];
    }
    case 'progressing':
      return [];
    case 'failed': {
      const { code, message } = report.failure;
      if (report.step !== 'exports') return [];
      return [{ type: conditionTypes.exported, status: 'False', reason: reasonOf(code), message }];
    }
  }
}

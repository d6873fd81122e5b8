import { isDeepStrictEqual } from 'node:util';
import { judgeAddressPlan, judgeAddressSpacePlan, planCatalog, planStatus } from '@samband/plans';
import {
  INFRA_NAMESPACE,
  isOfKind,
  kindRef,
  operatorKinds,
  refOf,
  setFieldsIgnored,
  setStanding,
  type Condition,
  type AuthenticationService,
  type AuthenticationServiceStatus,
  type KubeObject,
  type ResourceView,
  type StatusWrite,
} from '@samband/resources';

/** Kinds whose status is judged here; a change of one may change the judgement of another. */
export const judgedKinds = [...operatorKinds];

/** What operators declare, as far as it is judged here. */
export function judgedObjects(view: Pick<ResourceView, 'list'>): KubeObject[] {
  return judgedKinds.flatMap((kind) => view.list(kindRef(kind), INFRA_NAMESPACE));
}

/**
 * What the status of operators' objects should say and does not. Judged anew from all of them each time, so any
 * number of controllers may do it.
 * @param now RFC 3339
 */
export function dueStatuses(view: Pick<ResourceView, 'list'>, now: string): StatusWrite[] {
  const objects = judgedObjects(view);
  const catalog = planCatalog(objects);
  const statusOf = (object: KubeObject): { conditions?: Condition[] | undefined } | undefined => {
    if (isOfKind('AddressSpacePlan', object)) {
      return planStatus(judgeAddressSpacePlan(object, catalog), object, now);
    }
    if (isOfKind('AddressPlan', object)) return planStatus(judgeAddressPlan(object, catalog), object, now);
    return isOfKind('AuthenticationService', object) ? authenticationStatus(object, now) : undefined;
  };
  return objects.flatMap((object): StatusWrite[] => {
    if (object.metadata.deletionTimestamp !== undefined) return [];
    const before = object['status'] as { conditions?: Condition[] } | undefined;
    const judged = statusOf(object);
    const known = judged?.conditions ?? before?.conditions;
    const conditions = setFieldsIgnored(known, object, now);
    const status = conditions.length === 0 && known === undefined ? judged : { ...judged, conditions };
    // A status is merged: what others put beside it stays, and makes no difference.
    if (status === undefined || isDeepStrictEqual({ ...before, ...status }, before)) return [];
    const { resourceVersion } = object.metadata;
    return [{ ref: refOf(object), status, ...(resourceVersion === undefined ? {} : { resourceVersion }) }];
  });
}

/**
 * Types `none` and `standard` need nothing that runs elsewhere: brokers check logins themselves. `external` is a
 * SASL service that only routers can ask, and brokered spaces have none.
 */
export function isUsable({ spec }: AuthenticationService): boolean {
  return spec.type !== 'external';
}

export function authenticationStatus(
  service: AuthenticationService,
  now: string,
): AuthenticationServiceStatus {
  const { metadata, status } = service;
  const usable = isUsable(service);
  const message = usable
    ? ''
    : 'brokered address spaces cannot use an authentication service of type external here; use type standard or none';
  const observed = metadata.generation === undefined ? {} : { observedGeneration: metadata.generation };
  const judgement = {
    standing: usable ? 'ready' : 'stalled',
    reason: usable ? 'Ready' : 'Unsupported',
    message,
    ...observed,
  } as const;
  return {
    ...status,
    phase: usable ? 'Active' : 'Failed',
    message,
    ...observed,
    conditions: setStanding(status?.conditions, judgement, now),
  };
}

import { INFRA_NAMESPACE } from '@samband/resources';
import { addressPlanFaults, addressSpacePlanFaults } from '@samband/plans';
import type { Finding, DocumentRule } from './rule.js';

/** Operators' objects are read from one namespace only; elsewhere they would lie in silence. */
export const liesInInfraNamespace: DocumentRule = ({ document }) => {
  const { kind, metadata } = document.object;
  if (metadata.namespace === INFRA_NAMESPACE) return [];
  const message = `${kind} objects are read from the namespace ${INFRA_NAMESPACE} only: set metadata.namespace`;
  return [{ code: 'NAMESPACE_UNFIT', path: ['metadata', 'namespace'], message }];
};

/** The infra config and the address plans that a plan names exist and suit it. */
export const spacePlanIsUsable: DocumentRule = ({ document, end }) => {
  const plan = end.catalog.addressSpacePlans.get(document.object.metadata.name);
  if (plan === undefined || document.object.metadata.namespace !== INFRA_NAMESPACE) return [];
  return addressSpacePlanFaults(plan, end.catalog).map(({ reason, message }): Finding => {
    const code =
      reason === 'UnknownAddressPlan' || reason === 'UnknownInfraConfig' ? 'PLAN_NOT_FOUND' : 'PLAN_UNUSABLE';
    const field =
      reason === 'UnknownInfraConfig'
        ? 'infraConfigRef'
        : reason === 'UnknownAddressPlan' || reason === 'MissingResources'
          ? 'addressPlans'
          : reason === 'MissingLimits'
            ? 'resourceLimits'
            : undefined;
    return { code, path: field === undefined ? ['spec'] : ['spec', field], message };
  });
};

/** What can be said of an address plan by itself: judged as for the space type that asks least of it. */
export const addressPlanIsUsable: DocumentRule = ({ document, end }) => {
  const plan = end.catalog.addressPlans.get(document.object.metadata.name);
  if (plan === undefined || document.object.metadata.namespace !== INFRA_NAMESPACE) return [];
  const [brokered, standard] = [addressPlanFaults(plan, 'brokered'), addressPlanFaults(plan, 'standard')];
  const both = brokered.filter(({ message }) => standard.some((fault) => fault.message === message));
  return both.map(({ message }): Finding => ({
    code: 'PLAN_UNUSABLE',
    path: ['spec', 'resources'],
    message,
  }));
};

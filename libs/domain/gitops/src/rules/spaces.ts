import { addressSpacePlanSpec, INFRA_NAMESPACE } from '@samband/resources';
import { addressSpacePlanFaults } from '@samband/plans';
import { chooseAuthentication } from '@samband/topology';
import { textAt } from '../values.js';
import { quote } from '../problems.js';
import type { DocumentRule } from './rule.js';

/** The type is served here, and its plan exists, is usable and is for that type. */
export const spaceTypeIsOffered: DocumentRule = ({ document, offeredSpaceTypes }) => {
  const type = textAt(document.object, 'spec', 'type');
  const isKnown = type === 'standard' || type === 'brokered';
  if (!isKnown || offeredSpaceTypes.includes(type)) return [];
  const message = `address spaces of type ${type} are not offered here: use ${offeredSpaceTypes.join(' or ')}`;
  return [{ code: 'SPACE_TYPE_NOT_OFFERED', path: ['spec', 'type'], message }];
};

export const spacePlanFits: DocumentRule = ({ document, end }) => {
  const path = ['spec', 'plan'];
  const name = textAt(document.object, ...path);
  if (name === undefined || name === '') return [];
  const found = end.get('admin.enmasse.io/v1beta2', 'AddressSpacePlan', INFRA_NAMESPACE, name);
  if (found === undefined) {
    const offered = [...end.catalog.addressSpacePlans.keys()].sort().slice(0, 10).join(', ');
    const hint = offered === '' ? 'there is none yet: ask operations' : `there are: ${offered}`;
    const message = `there is no AddressSpacePlan ${quote(name)} in ${INFRA_NAMESPACE}; ${hint}`;
    return [{ code: 'PLAN_NOT_FOUND', path, message }];
  }
  // A plan of this commit that does not fit its schema has been named already.
  const plan = end.catalog.addressSpacePlans.get(name);
  if (plan === undefined) return [];
  const { addressSpaceType } = addressSpacePlanSpec(plan);
  const type = textAt(document.object, 'spec', 'type');
  if (type !== undefined && addressSpaceType !== type) {
    const message = `plan ${quote(name)} is for address spaces of type ${addressSpaceType}, not ${quote(type)}`;
    return [{ code: 'PLAN_UNFIT', path, message }];
  }
  const faults = addressSpacePlanFaults(plan, end.catalog);
  if (faults.length === 0 || found.document !== undefined) return [];
  const why = faults.map(({ message }) => message).join('; ');
  return [
    { code: 'PLAN_UNUSABLE', path, message: `plan ${quote(name)} cannot be used: ${why.slice(0, 1000)}` },
  ];
};

/** The service that checks the logins of the space, named or not, exists and is of a type that is served. */
export const authenticationIsServed: DocumentRule = ({ document, end }) => {
  const at = ['spec', 'authenticationService'];
  const [name, type] = ['name', 'type'].map((field) => textAt(document.object, ...at, field));
  const wanted = { ...(name === undefined ? {} : { name }), ...(type === undefined ? {} : { type }) };
  const chosen = chooseAuthentication(wanted, end.authenticationServices, INFRA_NAMESPACE);
  if (chosen.ok || end.hasUnfitServices) return [];
  const path = name !== undefined ? [...at, 'name'] : type !== undefined ? [...at, 'type'] : at;
  const code =
    chosen.reason === 'Unsupported' ? 'AUTHENTICATION_SERVICE_UNFIT' : 'AUTHENTICATION_SERVICE_NOT_FOUND';
  return [{ code, path, message: chosen.message }];
};

import { addressPlanSpec, addressTypes, INFRA_NAMESPACE, spaceOfAddress } from '@samband/resources';
import { servedAddressTypes } from '@samband/plans';
import { addressNameFault } from '@samband/topology';
import type { ManifestDocument } from '../manifest.js';
import { textAt } from '../values.js';
import { quote } from '../problems.js';
import { namespaceOf, origin, type DocumentRule, type Finding } from './rule.js';

/** The space before the first dot of the name exists. Of users too. */
export const spaceExists: DocumentRule = ({ document, end }) => {
  const { name } = document.object.metadata;
  const space = spaceOfAddress(name);
  const namespace = namespaceOf(document);
  if (space === undefined || end.get('enmasse.io/v1beta1', 'AddressSpace', namespace, space) !== undefined) {
    return [];
  }
  const message = `there is no AddressSpace ${quote(space)} in namespace ${namespace}: the name ${quote(name)} begins with the name of its space`;
  return [{ code: 'SPACE_NOT_FOUND', path: ['metadata', 'name'], message }];
};

/** Its plan exists, is for its type, and is listed by the plan of its space. */
export const addressPlanFits: DocumentRule = ({ document, end }) => {
  const path = ['spec', 'plan'];
  const name = textAt(document.object, ...path);
  const type = typeOf(document);
  const space = spaceOfAddress(document.object.metadata.name);
  if (name === undefined || name === '') return [];
  const spacePlan = space === undefined ? undefined : end.spacePlan(namespaceOf(document), space);
  if (end.get('admin.enmasse.io/v1beta2', 'AddressPlan', INFRA_NAMESPACE, name) === undefined) {
    const offered = [...(spacePlan?.addressPlans.keys() ?? [])].slice(0, 10).join(', ');
    const hint =
      offered === '' ? '' : `; plan ${quote(spacePlan?.name ?? '')} of the space lists: ${offered}`;
    const message = `there is no AddressPlan ${quote(name)} in ${INFRA_NAMESPACE}${hint}`;
    return [{ code: 'PLAN_NOT_FOUND', path, message }];
  }
  const findings: Finding[] = [];
  const plan = end.catalog.addressPlans.get(name);
  const planType = plan === undefined ? type : addressPlanSpec(plan).addressType;
  if (type !== undefined && planType !== type) {
    const message = `plan ${quote(name)} is for addresses of type ${planType ?? '?'}, not ${quote(type)}`;
    findings.push({ code: 'PLAN_UNFIT', path, message });
  }
  if (spacePlan !== undefined && !spacePlan.addressPlans.has(name)) {
    const listed = [...spacePlan.addressPlans.keys()].slice(0, 10).join(', ');
    const message = `plan ${quote(spacePlan.name)} of the space does not list ${quote(name)}; it lists: ${listed}`;
    findings.push({ code: 'PLAN_NOT_LISTED', path, message });
  }
  return findings;
};

/** `undefined` also for what is no type of addresses: that was said, and nothing follows from it. */
function typeOf({ object }: ManifestDocument): string | undefined {
  const type = textAt(object, 'spec', 'type');
  return addressTypes.find((one) => one === type);
}

/** Its type exists in spaces of that type. */
export const addressTypeIsServed: DocumentRule = ({ document, end, offeredSpaceTypes }) => {
  const path = ['spec', 'type'];
  const type = textAt(document.object, ...path);
  const name = spaceOfAddress(document.object.metadata.name) ?? '';
  const space = end.get('enmasse.io/v1beta1', 'AddressSpace', namespaceOf(document), name);
  const spaceType = textAt(space?.object, ...path);
  if (spaceType !== 'brokered' && spaceType !== 'standard') return [];
  const served: readonly string[] = servedAddressTypes[spaceType];
  if (type === undefined || served.includes(type) || !offeredSpaceTypes.includes(spaceType)) return [];
  const message = `addresses of type ${quote(type)} do not exist in ${spaceType} spaces: use ${served.join(', ')}`;
  return [{ code: 'ADDRESS_TYPE_UNFIT', path, message }];
};

/** No other Address of the space has the same address. Each of two in a commit names the other. */
export const addressIsUnique: DocumentRule = ({ document, end }) => {
  const path = ['spec', 'address'];
  const address = textAt(document.object, ...path);
  const space = spaceOfAddress(document.object.metadata.name);
  if (address === undefined || space === undefined) return [];
  const other = end
    .addresses(namespaceOf(document), space, address)
    .find(({ object }) => object.metadata.name !== document.object.metadata.name);
  if (other === undefined) return [];
  const message = `the address ${quote(address)} is declared twice in space ${quote(space)}: also by ${quote(other.object.metadata.name)} (${origin(other)})`;
  return [{ code: 'ADDRESS_DUPLICATE', path, message }];
};

/** No address that belongs to the broker itself, that clients could not attach to, or that no permission could guard. */
export const addressIsUsable: DocumentRule = ({ document }) => {
  const path = ['spec', 'address'];
  const address = textAt(document.object, ...path);
  const fault = address === undefined ? undefined : addressNameFault(address);
  if (address === undefined || fault === undefined) return [];
  return [{ code: 'ADDRESS_RESERVED', path, message: `the address ${quote(address)} ${fault}` }];
};

/** topic of a subscription; deadletter and expiry of queues and topics. */
export const referencedAddressesExist: DocumentRule = (input) => {
  const type = typeOf(input.document);
  return [
    ...(type === 'subscription' ? checkReference(input, 'topic', 'topic') : []),
    ...(['deadletter', 'expiry'] as const).flatMap((field): Finding[] => {
      const isSet = textAt(input.document.object, 'spec', field) !== undefined;
      if (isSet && type !== undefined && type !== 'queue' && type !== 'topic') {
        const message = `${field} is for addresses of type queue or topic, not ${quote(type)}: remove it`;
        return [{ code: 'ADDRESS_TYPE_UNFIT', path: ['spec', field], message }];
      }
      return checkReference(input, field, 'deadletter');
    }),
  ];
};

function checkReference(
  { document, end }: Parameters<DocumentRule>[0],
  field: 'topic' | 'deadletter' | 'expiry',
  wanted: 'topic' | 'deadletter',
): Finding[] {
  const path = ['spec', field];
  const address = textAt(document.object, ...path);
  const space = spaceOfAddress(document.object.metadata.name);
  if (address === undefined || space === undefined) return [];
  const found = end.addresses(namespaceOf(document), space, address);
  if (found.length === 0) {
    const message = `${field}: there is no address ${quote(address)} in space ${quote(space)}: declare one of type ${wanted}`;
    return [{ code: 'ADDRESS_NOT_FOUND', path, message }];
  }
  const types = found.map(({ object }) => textAt(object, 'spec', 'type'));
  if (types.includes(wanted)) return [];
  const message = `${field}: the address ${quote(address)} is of type ${types[0] ?? '?'}, ${wanted} is needed`;
  return [{ code: 'ADDRESS_TYPE_UNFIT', path, message }];
}

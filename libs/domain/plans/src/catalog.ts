import {
  INFRA_NAMESPACE,
  isOfKind,
  type AddressPlan,
  type AddressSpacePlan,
  type BrokeredInfraConfig,
  type KubeObject,
  type StandardInfraConfig,
} from '@samband/resources';

/** What operators offer, by name. */
export interface PlanCatalog {
  readonly addressSpacePlans: ReadonlyMap<string, AddressSpacePlan>;
  readonly addressPlans: ReadonlyMap<string, AddressPlan>;
  readonly brokeredInfraConfigs: ReadonlyMap<string, BrokeredInfraConfig>;
  readonly standardInfraConfigs: ReadonlyMap<string, StandardInfraConfig>;
}

/** The catalog in some objects. Those of other kinds or namespaces, or under deletion, are not part of it. */
export function planCatalog(objects: Iterable<KubeObject>): PlanCatalog {
  const addressSpacePlans = new Map<string, AddressSpacePlan>();
  const addressPlans = new Map<string, AddressPlan>();
  const brokeredInfraConfigs = new Map<string, BrokeredInfraConfig>();
  const standardInfraConfigs = new Map<string, StandardInfraConfig>();
  for (const object of objects) {
    const { name, namespace, deletionTimestamp } = object.metadata;
    if (namespace !== INFRA_NAMESPACE || deletionTimestamp !== undefined) continue;
    if (isOfKind('AddressSpacePlan', object)) addressSpacePlans.set(name, object);
    else if (isOfKind('AddressPlan', object)) addressPlans.set(name, object);
    else if (isOfKind('BrokeredInfraConfig', object)) brokeredInfraConfigs.set(name, object);
    else if (isOfKind('StandardInfraConfig', object)) standardInfraConfigs.set(name, object);
  }
  return { addressSpacePlans, addressPlans, brokeredInfraConfigs, standardInfraConfigs };
}

import { INFRA_NAMESPACE, ourKind, type KindName, type KindRef } from '@samband/resources';

/** What operators make and tenants’ objects refer to: read from the infra namespace alone, and offered to everybody. */
export const operatorKinds: ReadonlySet<KindName> = new Set<KindName>([
  'AddressSpacePlan',
  'AddressPlan',
  'BrokeredInfraConfig',
  'StandardInfraConfig',
  'AuthenticationService',
]);

/** Where EnMasse and AMQ Online were installed by their own manifests and guides. */
const installNamespaces: ReadonlySet<string> = new Set([
  'enmasse-infra',
  'enmasse',
  'enmasse-system',
  'amq-online-infra',
  'amq-online',
]);

/** Whether an object was meant for the namespace that EnMasse was installed in, which is the infra namespace here. */
export function isMeantForInfra(ref: KindRef, namespace: string): boolean {
  const kind = ourKind(ref)?.kind;
  return (
    kind !== undefined &&
    operatorKinds.has(kind) &&
    namespace !== INFRA_NAMESPACE &&
    installNamespaces.has(namespace)
  );
}

import { INFRA_NAMESPACE, operatorKinds, ourKind, type KindRef } from '@samband/resources';

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

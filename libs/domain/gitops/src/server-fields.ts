import type { KubeObject, ObjectMeta } from '@samband/resources';

/** Metadata that only the API server writes; files made with `kubectl get -o yaml` hold it. */
const serverMetadata = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Paths of an object's fields that no manifest decides. */
export function serverFields(object: KubeObject): string[][] {
  const status = object['status'] === undefined ? [] : [['status']];
  return [
    ...status,
    ...serverMetadata.filter((key) => key in object.metadata).map((key) => ['metadata', key]),
  ];
}

/** The object as it is applied: without what only the server writes. */
export function withoutServerFields(object: KubeObject): KubeObject {
  if (serverFields(object).length === 0) return object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !serverMetadata.includes(key)),
  ) as ObjectMeta;
  const rest: KubeObject = { ...object, metadata };
  delete rest['status'];
  return rest;
}

import { kindNames, kindRef, labels, spaceOfAddress, type KubeObject } from '@samband/resources';
import type { ResourceViewOptions } from '@samband/kubernetes';

/** What the worker keeps a live copy of. */
export const viewedKinds: ResourceViewOptions['kinds'] = kindNames
  .filter((kind) => kind !== 'AddressSpaceSchema')
  .map((kind) => kindRef(kind));

/** Addresses and users by `<namespace>/<space>`, rollouts by `<namespace>/<source>`. */
export const viewIndexes: NonNullable<ResourceViewOptions['indexes']> = [
  {
    name: 'space',
    of: ({ kind, metadata }: KubeObject): string[] => {
      const space =
        kind === 'Address' || kind === 'MessagingUser' ? spaceOfAddress(metadata.name) : undefined;
      return space === undefined ? [] : [`${metadata.namespace ?? ''}/${space}`];
    },
  },
  {
    name: 'source',
    of: ({ kind, metadata }: KubeObject): string[] => {
      const source = metadata.labels?.[labels.source];
      return kind === 'Rollout' && source !== undefined ? [`${metadata.namespace ?? ''}/${source}`] : [];
    },
  },
];

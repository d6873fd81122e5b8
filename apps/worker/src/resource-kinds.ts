import { kindNames, kindRef, spaceOfAddress, type KubeObject } from '@samband/resources';
import type { ResourceViewOptions } from '@samband/kubernetes';

/** What the worker keeps a live copy of. Rollouts and ParkedSpaces it reads when it decides by them, and schemas when a commit holds one. */
export const viewedKinds: ResourceViewOptions['kinds'] = kindNames
  .filter((kind) => !['AddressSpaceSchema', 'Rollout', 'ParkedSpace'].includes(kind))
  .map((kind) => kindRef(kind));

/** Addresses and users by `<namespace>/<space>`. */
export const viewIndexes: NonNullable<ResourceViewOptions['indexes']> = [
  {
    name: 'space',
    of: ({ kind, metadata }: KubeObject): string[] => {
      const space =
        kind === 'Address' || kind === 'MessagingUser' ? spaceOfAddress(metadata.name) : undefined;
      return space === undefined ? [] : [`${metadata.namespace ?? ''}/${space}`];
    },
  },
];

import { isDeepStrictEqual } from 'node:util';
import { offerOf, planCatalog } from '@samband/plans';
import {
  isOfKind,
  kindRef,
  type AddressSpaceType,
  type KubeObject,
  type ResourceView,
} from '@samband/resources';
import { isUsable, judgedObjects } from './admin-status.js';

/** Types of address spaces that this installation runs. */
const offeredTypes: readonly AddressSpaceType[] = ['brokered'];

/** The AddressSpaceSchemas that do not say what tenants can choose from, as they should be. */
export function dueOffers(view: Pick<ResourceView, 'list'>): KubeObject[] {
  const objects = judgedObjects(view).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const catalog = planCatalog(objects);
  const services = objects.flatMap((object) =>
    isOfKind('AuthenticationService', object) && isUsable(object) ? [object.metadata.name] : [],
  );
  const told = new Map(view.list(kindRef('AddressSpaceSchema')).map((one) => [one.metadata.name, one]));
  return offeredTypes.flatMap((name) => {
    const spec = offerOf(name, catalog, services);
    if (isDeepStrictEqual(told.get(name)?.['spec'], spec)) return [];
    return [{ ...kindRef('AddressSpaceSchema'), metadata: { name }, spec }];
  });
}

import type { AddressSpace, AuthenticationService, Reason } from '@samband/resources';

export type ChosenAuthentication =
  /** Of type `none` everybody may do everything. */
  | { readonly ok: true; readonly type: 'standard' | 'none' }
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

/**
 * The service that checks the logins of a space: the one that it names, else the first of the type that it names, else
 * the first `standard` one, else the first `none` one, as EnMasse chose.
 * @param services those of the infra namespace
 * @param infraNamespace for messages
 */
export function chooseAuthentication(
  wanted: AddressSpace['spec']['authenticationService'],
  services: readonly AuthenticationService[],
  infraNamespace: string,
): ChosenAuthentication {
  const byName = [...services].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const ofType = (type: string): AuthenticationService | undefined =>
    byName.find(({ spec }) => spec.type === type);
  const chosen =
    wanted?.name !== undefined
      ? byName.find(({ metadata }) => metadata.name === wanted.name)
      : wanted?.type !== undefined
        ? ofType(wanted.type)
        : (ofType('standard') ?? ofType('none'));
  if (chosen === undefined) {
    const message =
      wanted?.name !== undefined
        ? `there is no AuthenticationService ${wanted.name} in ${infraNamespace}`
        : `there is no AuthenticationService of type ${wanted?.type ?? 'standard or none'} in ${infraNamespace}: ask operations for one`;
    return { ok: false, reason: 'UnknownAuthenticationService', message };
  }
  const { type } = chosen.spec;
  if (type !== 'external') return { ok: true, type };
  const message = `the AuthenticationService ${chosen.metadata.name} is of type external, which address spaces cannot use here: use one of type standard or none`;
  return { ok: false, reason: 'Unsupported', message };
}

import { maxAddressLength, unsafeCharacter } from '@samband/access';
import { isInternal } from '@samband/topology';

/**
 * Names that belong to Samband inside a broker. None of them can be a tenant's: user names have no `$` and
 * addresses of tenants may not begin with `$` or `activemq.`.
 */

/** Role of Samband's own management connections, by client certificate. */
export const adminRole = '$samband-admin';

/** Common name that the certificate of a management connection must have, and nothing beside it. */
export const adminCommonName = 'samband-admin';

/** Role that every user of a space has beside the one of its own: temporary queues for requests and replies. */
export const tenantRole = '$samband-tenant';

/** User, role and address of the probe that proves a broker with a real message. */
export const probeUser = '$samband-probe';
export const probeAddress = '$samband/probe';

/** Role of everybody in a space whose authentication service has the type `none`. */
export const anybodyRole = '$samband-anybody';

/** Stands for "no dead letter address": `TeamQueue` keeps the messages where they are. Older brokers put them here. */
export const deadLetterAddress = '$samband/dead-letters';

/** Where expired messages go when neither plan nor address say; nothing is kept there. */
export const expiryAddress = '$samband/expired';

/**
 * Artemis matches settings of temporary queues, whose address is a bare UUID, as `<this>/<uuid>`. The slash at the
 * end makes an empty word, which no `+` of a tenant's pattern can stand for: `+/+` would beat our match.
 */
export const temporaryNamespace = '$samband-temporary/';

/**
 * Why a security match cannot be had, `undefined` when it can: what `addressNameFault` is for names, for a text in
 * which `+` and `#` are wildcards and `topic::subscription` is one name.
 */
export function whyMatchIsRefused(match: string): string | undefined {
  if (match === '#') return undefined;
  if (match === '' || match.length > maxAddressLength)
    return `a match has 1 to ${maxAddressLength} characters`;
  const words = match.replace('::', '/').split('/');
  const bad = words.find(
    (word, index) => word !== '+' && !(word === '#' && index === words.length - 1) && whyWordIsRefused(word),
  );
  if (bad !== undefined) return `"${bad}" cannot be a word of a match`;
  return isInternal(match) ? 'names that begin so belong to the broker' : undefined;
}

function whyWordIsRefused(word: string): boolean {
  return /[+#*]/.test(word) || unsafeCharacter(word) !== undefined;
}

/**
 * Name that the certificate of a broker's admin acceptor must carry as DNS name, so that no other broker,
 * however it came to the port, can stand in for this one.
 */
export function adminServerName(id: string): string {
  return `${id}.broker.samband.internal`;
}

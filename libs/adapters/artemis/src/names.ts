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

/** Where undeliverable messages go when neither plan nor address say; kept, on disk when they are many. */
export const deadLetterAddress = '$samband/dead-letters';

/** Where expired messages go when neither plan nor address say; nothing is kept there. */
export const expiryAddress = '$samband/expired';

/** Artemis matches settings of temporary queues, whose address is a bare UUID, below this word. */
export const temporaryNamespace = '$samband-temporary';

/** Addresses of the broker itself and ours: hidden from listings, out of reach for tenants. */
export function isInternalAddress(name: string): boolean {
  return name.startsWith('$') || name.startsWith('activemq.');
}

/**
 * Name that the certificate of a broker's admin acceptor must carry as DNS name, so that no other broker,
 * however it came to the port, can stand in for this one.
 */
export function adminServerName(id: string): string {
  return `${id}.broker.samband.internal`;
}

import type { AddressSpace, AddressSpaceEndpoint, AddressSpaceStatus } from '@samband/resources';

/** An endpoint of a space with its defaults filled in. */
export interface Endpoint {
  readonly name: string;
  readonly cert: NonNullable<AddressSpaceEndpoint['cert']>;
  readonly exports: readonly { readonly kind: 'ConfigMap' | 'Secret' | 'Service'; readonly name: string }[];
  /** Whether it shall be reached from outside the cluster. */
  readonly isExposed: boolean;
  /** What of it cannot be served; for `messages` of its status. */
  readonly messages: readonly string[];
}

/** Where an endpoint leads. Ports by name, e.g. `amqps`. */
export interface EndpointTarget {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
}

const defaultEndpoint: AddressSpaceEndpoint = { name: 'messaging', service: 'messaging' };

/**
 * The endpoints of a space; one called `messaging` when it names none. Endpoints for the console are left out, as
 * EnMasse did: they were never the space's own. An export without a kind is a ConfigMap, without a name it is
 * called `<space>-<endpoint>`.
 */
export function endpointsOf({ metadata, spec }: Pick<AddressSpace, 'metadata' | 'spec'>): Endpoint[] {
  const declared = (spec.endpoints ?? []).filter(
    ({ name, service }) => name !== 'console' && service !== 'console',
  );
  return (declared.length === 0 ? [defaultEndpoint] : declared).map((endpoint) => {
    const name = endpoint.name ?? endpoint.service ?? 'messaging';
    return {
      name,
      cert: endpoint.cert ?? {},
      exports: (endpoint.exports ?? []).map((each) => ({
        kind: each.kind ?? 'ConfigMap',
        name: each.name ?? `${metadata.name}-${name}`,
      })),
      isExposed: endpoint.expose !== undefined,
      messages:
        endpoint.service === 'mqtt'
          ? [`endpoint ${name}: the service mqtt is not served here; use messaging`]
          : [],
    };
  });
}

export interface ExportInput extends EndpointTarget {
  /** PEM of the CA to trust, when there is one. */
  readonly ca?: string;
  readonly external?: EndpointTarget;
}

/**
 * The name that clients are given for a host. Never an address: many of their libraries (qpid-proton, Java's) verify names in
 * certificates only.
 */
export function hostName(host: string): string {
  return /^127\.|^::1$/.test(host) ? 'localhost' : host;
}

/**
 * Content of an exported ConfigMap or Secret, with EnMasse's keys: `service.host`, `service.port.<name>`,
 * `external.host`, `external.port.<name>`, `ca.crt`.
 */
export function exportData({ host, ports, ca, external }: ExportInput): Record<string, string> {
  return {
    ...targetData('service', { host: hostName(host), ports }),
    ...(external === undefined ? {} : targetData('external', external)),
    ...(ca === undefined ? {} : { 'ca.crt': ca }),
  };
}

type EndpointStatus = NonNullable<AddressSpaceStatus['endpointStatuses']>[number];

/** An endpoint as `status.endpointStatuses` shows it; ports sorted by name. */
export function endpointStatus(
  endpoint: Pick<Endpoint, 'name' | 'messages'>,
  { host, ports, external }: Omit<ExportInput, 'ca'>,
): EndpointStatus {
  return {
    name: endpoint.name,
    serviceHost: hostName(host),
    servicePorts: portList(ports),
    ...(external === undefined
      ? {}
      : { externalHost: external.host, externalPorts: portList(external.ports) }),
    ...(endpoint.messages.length === 0 ? {} : { messages: [...endpoint.messages] }),
  };
}

function targetData(prefix: 'service' | 'external', { host, ports }: EndpointTarget): Record<string, string> {
  return {
    [`${prefix}.host`]: host,
    ...Object.fromEntries(
      portList(ports).map(({ name, port }) => [`${prefix}.port.${name}`, String(port)] as const),
    ),
  };
}

function portList(ports: Readonly<Record<string, number>>): { name: string; port: number }[] {
  return Object.entries(ports)
    .map(([name, port]) => ({ name, port }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

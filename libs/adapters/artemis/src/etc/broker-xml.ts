import type { AddressSettings, BrokerSpec } from '@samband/topology';
import { brokerFileNames, type BrokerLayout } from '../layout.js';
import {
  adminRole,
  anybodyRole,
  deadLetterAddress,
  expiryAddress,
  probeAddress,
  probeUser,
  temporaryNamespace,
  tenantRole,
} from '../names.js';
import { loginDomains } from './login-config.js';
import { element, escapeXml } from './xml.js';

const MiB = 1024 * 1024;

/** Attaching to a topic makes a non-durable queue, so that right goes with consuming. */
const tenantRights = ['send', 'consume', 'browse', 'createNonDurableQueue', 'deleteNonDurableQueue'];

const temporaryRights = [
  'send',
  'consume',
  'createAddress',
  'deleteAddress',
  'createNonDurableQueue',
  'deleteNonDurableQueue',
];

/** The configuration the broker starts with; all that changes while it lives is written through management. */
export function renderBrokerXml(spec: BrokerSpec, layout: BrokerLayout): string {
  const core = [
    element('name', `samband-${spec.id}`),
    ...storage(layout),
    ...limits(spec),
    ...security(),
    `<wildcard-addresses>${element('routing-enabled', false)}${element('delimiter', '/')}${element('any-words', '#')}${element('single-word', '+')}</wildcard-addresses>`,
    element('temporary-queue-namespace', temporaryNamespace),
    // The timer of this period also looks after certificates (sslAutoReload); with -1 new ones never appear.
    element('configuration-file-refresh-period', 1000),
    element('suppress-session-notifications', true),
    element('jmx-management-enabled', false),
    `<acceptors>\n${acceptors(spec, layout).join('\n')}\n</acceptors>`,
    `<security-settings>\n${securitySettings(spec).join('\n')}\n</security-settings>`,
    `<address-settings>\n${[addressSettings(spec), ...internalSettings()].join('\n')}\n</address-settings>`,
    `<addresses>\n${internalAddresses().join('\n')}\n</addresses>`,
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">',
    ...core,
    '</core></configuration>',
    '',
  ].join('\n');
}

function storage(layout: BrokerLayout): string[] {
  const data = `${layout.instanceDir}/data`;
  return [
    element('persistence-enabled', true),
    element('journal-type', 'NIO'),
    element('bindings-directory', `${data}/bindings`),
    element('journal-directory', `${data}/journal`),
    element('paging-directory', `${data}/paging`),
    element('large-messages-directory', `${data}/large-messages`),
    element('journal-datasync', true),
    element('journal-file-size', '2M'),
    element('journal-min-files', 2),
    element('journal-pool-files', 4),
    // A second broker on the same folder gives up (and its process ends) instead of waiting for ever.
    element('journal-lock-acquisition-timeout', 30_000),
    // A percentage looks at the whole file system: one full disk would block every broker on it.
    element('min-disk-free', '200M'),
  ];
}

function limits(spec: BrokerSpec): string[] {
  return [
    element('global-max-size', spec.globalMaxBytes),
    element('critical-analyzer', true),
    element('critical-analyzer-policy', 'HALT'),
    element('critical-analyzer-timeout', 120_000),
    element('message-expiry-scan-period', 10_000),
    element('scheduled-thread-pool-max-size', 3),
    element('thread-pool-max-size', 20),
  ];
}

function security(): string[] {
  return [
    element('security-enabled', true),
    // No caches. That of permissions is keyed by the name a client claims, and who comes with a token may claim any: a
    // stranger's valid token would have the rights that somebody of that name has just used. That of logins is filled
    // again by connections that are still open: a password that was taken away would open new ones.
    element('authentication-cache-size', 0),
    element('authorization-cache-size', 0),
  ];
}

function acceptors(spec: BrokerSpec, layout: BrokerLayout): string[] {
  const { instanceDir, ports } = layout;
  const tenants = {
    protocols: 'AMQP',
    securityDomain: loginDomains.tenants,
    ...(spec.authentication === 'none'
      ? { saslMechanisms: 'ANONYMOUS,PLAIN' }
      : { saslMechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512', saslLoginConfigScope: loginDomains.scram }),
    amqpCredits: 1000,
    amqpLowCredits: 300,
    amqpMinLargeMessageSize: 102_400,
    maxFrameSize: 131_072,
    // Three for each processor by default, however many spaces share the machine. The runtime's greetings count on it.
    remotingThreads: 4,
    // About 30 KB of heap each before anybody has logged in.
    connectionsAllowed: Math.max(256, spec.heapMiB * 4),
    'handshake-timeout': 10,
  };
  const tls = {
    sslEnabled: true,
    keyStoreType: 'PEM',
    sslAutoReload: true,
    enabledProtocols: 'TLSv1.3,TLSv1.2',
    sslHandshakeTimeout: 10_000,
  };
  return [
    acceptor('amqp', layout, ports.amqp, tenants),
    acceptor('amqps', layout, ports.amqps, {
      ...tenants,
      ...tls,
      keyStorePath: `${instanceDir}/${brokerFileNames.tls}`,
    }),
    acceptor('admin', layout, ports.admin, {
      protocols: 'AMQP',
      securityDomain: loginDomains.admin,
      saslMechanisms: 'EXTERNAL',
      needClientAuth: true,
      connectionsAllowed: 64,
      remotingThreads: 4,
      'handshake-timeout': 10,
      ...tls,
      keyStorePath: `${instanceDir}/${brokerFileNames.adminTls}`,
      trustStoreType: 'PEMCA',
      trustStorePath: `${instanceDir}/${brokerFileNames.adminCa}`,
    }),
  ];
}

function acceptor(
  name: string,
  layout: BrokerLayout,
  port: number,
  options: Readonly<Record<string, string | number | boolean>>,
): string {
  const query = Object.entries(options)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(';');
  const host = layout.host.includes(':') ? `[${layout.host}]` : layout.host;
  return `<acceptor name="${name}">${escapeXml(`tcp://${host}:${port}?${query}`)}</acceptor>`;
}

/**
 * A specific match replaces a wider one, nothing is merged, and an exact match beats every wildcard. So each
 * address of ours has an exact one: `+/+`, granted to a tenant, would beat `$samband/#`.
 */
function securitySettings(spec: BrokerSpec): string[] {
  const anybody = spec.authentication === 'none' ? [anybodyRole] : [];
  return [
    permissions('#', grants(tenantRights, anybody)),
    permissions('activemq.management', grants(['manage', 'send'], [adminRole])),
    permissions('activemq.notifications', []),
    permissions('$samband/#', []),
    permissions(deadLetterAddress, []),
    permissions(expiryAddress, []),
    permissions(probeAddress, grants(['send', 'consume'], [probeUser])),
    permissions(`${temporaryNamespace}/#`, grants(temporaryRights, [adminRole, tenantRole, ...anybody])),
  ];
}

function grants(types: readonly string[], roles: readonly string[]): string[] {
  if (roles.length === 0) return [];
  return types.map((type) => `<permission type="${type}" roles="${escapeXml(roles.join(','))}"/>`);
}

function permissions(match: string, lines: readonly string[]): string {
  return `<security-setting match="${escapeXml(match)}">${lines.join('')}</security-setting>`;
}

/** `#` carries the plan's defaults. A dead letter and an expiry address are always set, else each queue logs. */
function addressSettings(spec: BrokerSpec): string {
  const { defaults } = spec;
  const page = Math.min(10 * MiB, Math.max(64 * 1024, Math.floor(spec.globalMaxBytes / 8)));
  const lines: [string, string | number | boolean | undefined][] = [
    ['dead-letter-address', defaults.deadLetterAddress ?? deadLetterAddress],
    ['expiry-address', defaults.expiryAddress ?? expiryAddress],
    ['min-expiry-delay', defaults.minExpiryDelay],
    ['max-expiry-delay', defaults.maxExpiryDelay],
    ['redelivery-delay', defaults.redeliveryDelay],
    ['redelivery-delay-multiplier', defaults.redeliveryMultiplier],
    ['max-redelivery-delay', defaults.maxRedeliveryDelay],
    // For ever, unless a plan or an address says how often: what nobody limited is not put away.
    ['max-delivery-attempts', defaults.maxDeliveryAttempts ?? -1],
    ['max-size-bytes', defaults.maxSizeBytes ?? -1],
    ['page-size-bytes', pageSize(defaults, page)],
    ['address-full-policy', defaults.addressFullMessagePolicy ?? spec.addressFullPolicy],
    // Refused, rather than left to wait without a word.
    ['disk-full-policy', 'FAIL'],
    ['auto-create-queues', false],
    ['auto-delete-queues', false],
    ['auto-create-addresses', false],
    ['auto-delete-addresses', false],
    // 48 KB of heap per queue with the default of 8192, 19 KB with 64.
    ['initial-queue-buffer-size', 64],
  ];
  const content = lines
    .filter((line): line is [string, string | number | boolean] => line[1] !== undefined)
    .map(([name, value]) => element(name, value))
    .join('');
  return `<address-setting match="#">${content}</address-setting>`;
}

/**
 * What a plan leaves of an address, and a broker whose memory is used up, must not stop management, the probe, replies or
 * dead letters: they have no limit of their own and go to disk.
 */
function internalSettings(): string[] {
  const content = [
    element('max-size-bytes', -1),
    element('page-size-bytes', 64 * 1024),
    element('address-full-policy', 'PAGE'),
    element('disk-full-policy', 'BLOCK'),
  ].join('');
  return ['activemq.management', '$samband/#', `${temporaryNamespace}/#`].map(
    (match) => `<address-setting match="${escapeXml(match)}">${content}</address-setting>`,
  );
}

/** Artemis refuses pages larger than the address may be. */
function pageSize(defaults: AddressSettings, page: number): number {
  const size = defaults.maxSizeBytes;
  return size === undefined || size < 0 ? page : Math.max(1, Math.min(page, size));
}

function internalAddresses(): string[] {
  const queue = (name: string, attributes = '') =>
    `<address name="${escapeXml(name)}"><anycast><queue name="${escapeXml(name)}"${attributes}/></anycast></address>`;
  return [
    queue(deadLetterAddress),
    // Without any queue each expired message would be a warning in the log; with this one it is dropped.
    queue(expiryAddress, ' purge-on-no-consumers="true"'),
    queue(probeAddress, ' purge-on-no-consumers="true"'),
  ];
}

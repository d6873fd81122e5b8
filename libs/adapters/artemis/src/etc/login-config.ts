import type { BrokerSpec } from '@samband/topology';
import type { BrokerLayout } from '../layout.js';

const jaas = 'org.apache.activemq.artemis.spi.core.security.jaas';

/** Login domains that the acceptors name. */
export const loginDomains = { tenants: 'tenants', scram: 'scram', admin: 'admin' } as const;

/**
 * JAAS domains. File names are relative to the folder of this file.
 *
 * `tenants` is asked at each login and again at each check of a permission, as nothing is cached. `SCRAMLoginModule`
 * comes first: it takes the principals that the connection already carries, from a SCRAM exchange or from its own login
 * before, so that a password is hashed, or a token reviewed, once per connection. Who was logged in stays so until
 * the connection is closed. Local passwords come before the API server: they cost no call.
 */
export function renderLoginConfig(spec: BrokerSpec, layout: BrokerLayout): string {
  const tenants =
    spec.authentication === 'none'
      ? [
          `${jaas}.GuestLoginModule sufficient credentialsInvalidate=false`,
          '    org.apache.activemq.jaas.guest.user="anybody"',
          '    org.apache.activemq.jaas.guest.role="$samband-anybody";',
        ]
      : [
          `${jaas}.SCRAMLoginModule sufficient;`,
          ...passwords('sufficient'),
          ...(layout.kubernetes === undefined
            ? []
            : [
                `${jaas}.KubernetesLoginModule sufficient reload=true ignoreTokenReviewRoles=true`,
                '    org.apache.activemq.jaas.kubernetes.role="service-account-roles.properties";',
              ]),
        ];
  return [
    domain(loginDomains.tenants, tenants),
    domain(loginDomains.scram, [
      `${jaas}.SCRAMPropertiesLoginModule required reload=true`,
      '    org.apache.activemq.jaas.properties.user="scram-users.properties"',
      '    org.apache.activemq.jaas.properties.role="roles.properties";',
    ]),
    domain(loginDomains.admin, [
      `${jaas}.TextFileCertificateLoginModule required reload=true`,
      '    org.apache.activemq.jaas.textfiledn.user="certificate-users.properties"',
      '    org.apache.activemq.jaas.textfiledn.role="roles.properties";',
    ]),
  ].join('\n');
}

function passwords(flag: string): string[] {
  return [
    `${jaas}.PropertiesLoginModule ${flag} reload=true`,
    '    org.apache.activemq.jaas.properties.user="users.properties"',
    '    org.apache.activemq.jaas.properties.role="roles.properties";',
  ];
}

function domain(name: string, lines: readonly string[]): string {
  return `${name} {\n${lines.map((line) => `  ${line}`).join('\n')}\n};\n`;
}

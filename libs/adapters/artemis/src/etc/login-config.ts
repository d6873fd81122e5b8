import type { BrokerSpec } from '@samband/topology';
import type { BrokerLayout } from '../layout.js';

const jaas = 'org.apache.activemq.artemis.spi.core.security.jaas';

/** Login domains that the acceptors name. */
export const loginDomains = { tenants: 'tenants', scram: 'scram', admin: 'admin' } as const;

/**
 * JAAS domains. File names are relative to the folder of this file.
 *
 * `tenants` checks both what PLAIN brings (password or token) and what SCRAM has already proven: after a SCRAM
 * exchange the connection carries its principals, which `SCRAMLoginModule` turns into a login. Passwords come
 * first: they cost no call. Local users are asked before the API server is.
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
          ...passwords('sufficient'),
          `${jaas}.SCRAMLoginModule sufficient;`,
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

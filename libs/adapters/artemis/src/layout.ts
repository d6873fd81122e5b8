/** Where one broker's files and ports are. */
export interface BrokerLayout {
  /** Absolute path of the folder that holds everything of this broker. */
  readonly instanceDir: string;
  /** Address the acceptors bind to. */
  readonly host: string;
  readonly ports: { readonly amqp: number; readonly amqps: number; readonly admin: number };
  /** API server that reviews service account tokens; without it tokens are refused. */
  readonly kubernetes?: {
    readonly host: string;
    readonly port: number;
    /** File with the broker's own token, which may create TokenReviews; re-read at each review. */
    readonly tokenPath: string;
    /** File with the CA of the API server; read once per process. */
    readonly caPath: string;
  };
}

/**
 * Files below `instanceDir`. Those of `etc` and `conf` are read at start: when their content changes the
 * broker must be restarted. Those of `live` are re-read while it runs.
 *
 * They are in three folders because Artemis' embedded main takes every `etc/*.properties` for broker
 * properties: there, a user called `name` would rename the broker.
 */
export const brokerFileNames = {
  brokerXml: 'etc/broker.xml',
  loginConfig: 'live/login.config',
  logging: 'conf/log4j2.properties',
  /** PEM: private key, then certificate chain, of the tenants' TLS acceptor. */
  tls: 'live/tls.pem',
  /** PEM: private key, then certificate chain, of the admin acceptor. */
  adminTls: 'live/admin-tls.pem',
  /** PEM: the authorities whose client certificates the admin acceptor trusts. */
  adminCa: 'live/admin-ca.pem',
  users: 'live/users.properties',
  scramUsers: 'live/scram-users.properties',
  roles: 'live/roles.properties',
  serviceAccountRoles: 'live/service-account-roles.properties',
  certificateUsers: 'live/certificate-users.properties',
  /** When the broker last refused a message because it is full. It is the broker that writes it. */
  refusals: 'tmp/refusals',
  /** What open connections were last judged by. Ours: the broker does not read it. */
  admission: 'live/admission.json',
} as const;

/** Folders below `instanceDir` that must exist before the broker starts. `data` holds the journal. */
export const brokerFolders = ['etc', 'conf', 'live', 'data', 'tmp'] as const;

/** Files that must exist, if need be empty, before the broker starts. The PEM files must have content. */
export const brokerUserFiles = [
  brokerFileNames.users,
  brokerFileNames.scramUsers,
  brokerFileNames.roles,
  brokerFileNames.serviceAccountRoles,
  brokerFileNames.certificateUsers,
] as const;

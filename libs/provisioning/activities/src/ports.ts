import type {
  BrokerAccess,
  BrokerManagement,
  InfraRuntime,
  PasswordVerifier,
  UserCredential,
} from '@samband/topology';
import type { GitRepository } from '@samband/gitops';
import type { Logger } from '@samband/observability';
import type { KubeObject, ResourceStore, ResourceView } from '@samband/resources';

/** Everything the activities need of the world; only the worker's `main` builds the real ones. */
export interface Ports {
  readonly store: ResourceStore;
  /** Our kinds, watched. Index `space`: addresses and users by `<namespace>/<space>`. Index `source`: rollouts by `<namespace>/<source>`. */
  readonly view: ResourceView;
  readonly git: GitRepository;
  readonly runtime: InfraRuntime;
  readonly brokers: BrokerPort;
  readonly certificates: CertificatePort;
  readonly events: EventRecorder;
  readonly logger: Logger;
  /** Names this machine for as long as its brokers live. */
  readonly hostId: string;
  /** Names this process: what one worker knows of a broker ends when another has worked on it. */
  readonly workerId: string;
  /** How long a rollout waits for its objects before it turns back. */
  readonly waitSeconds: number;
  readonly now: () => Date;
  /** As `now`, by a clock that nobody sets while this process lives. */
  readonly steadyNow: () => Date;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Hex digest of a text in UTF-8. */
  readonly sha256: (text: string) => string;
}

export interface BrokerPort {
  /** Connects as administrator, lazily; its calls throw BROKER_UNAVAILABLE. */
  connect(access: BrokerAccess): BrokerManagement;
  /** Deterministic: the same secret, user and password give the same verifier, so that files change only with them. */
  makeVerifier(secret: string, username: string, password: string): Promise<PasswordVerifier>;
  /** Whether a verifier was made of these three; unlike making one it costs nothing. */
  isVerifierOf(verifier: PasswordVerifier, secret: string, username: string, password: string): boolean;
  /** Contents of the files that hold logins and roles, by file name. Deterministic. */
  renderUserFiles(input: {
    credentials: readonly UserCredential[];
    probe: PasswordVerifier;
  }): Record<string, string>;
  renderTlsFiles(input: { tenants: KeyPair; admin: KeyPair; adminCa: string }): Record<string, string>;
  /** One message in and out through the tenants' TLS listener; throws PROBE_FAILED. */
  /** With `certificate` exactly that one is trusted: what users brought may be from any issuer, for any name. */
  probe(target: {
    host: string;
    amqpsPort: number;
    ca: string;
    certificate?: string;
    username: string;
    password: string;
  }): Promise<void>;
  readonly probeUser: string;
  /** Role of every login where the authentication service is of type `none`. */
  readonly anybodyRole: string;
  /** Files that say who may log in; they exist once a broker was prepared. */
  readonly loginFiles: readonly string[];
  /** Name of the file that says what open connections were last judged by; nothing but us reads it. */
  readonly admissionFile: string;
  /** Logins in these files, each with what it is proven by. */
  loginsIn(files: Readonly<Record<string, string>>): Map<string, string>;
  /** Files that hold verifiers of passwords. */
  readonly verifierFiles: readonly string[];
  /** Verifiers in these files, by user. */
  verifiersIn(files: Readonly<Record<string, string>>): Map<string, PasswordVerifier>;
  /** Common name that a management connection's certificate must have. */
  readonly adminCommonName: string;
  /** DNS name that a broker's administration listener must prove. */
  adminServerName(id: string): string;
}

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** PEM texts throughout. */
export interface CertificatePort {
  createCa(options: { commonName: string; days: number; now: Date }): Promise<KeyPair>;
  issue(options: {
    ca: KeyPair;
    commonName: string;
    hosts: readonly string[];
    days: number;
    usage: 'server' | 'client';
    now: Date;
  }): Promise<KeyPair>;
  /** Whether the certificate stops being fit: close to its end, other hosts, another issuer. */
  needsRenewal(certificate: string, options: { hosts: readonly string[]; ca: string; now: Date }): boolean;
  /** Whether clients that know a host by this name accept the certificate. */
  isFor(certificate: string, host: string): boolean;
  /** Key and certificate as the broker reads them, or why they cannot serve together. */
  readBundle(
    bundle: KeyPair,
    now: Date,
  ): { readonly ok: true; readonly bundle: KeyPair } | { readonly ok: false; readonly fault: string };
}

export interface EventRecorder {
  /** Never throws: an Event is a courtesy. */
  record(regarding: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}

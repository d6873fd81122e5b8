import type { PermissionMatch } from '@samband/access';

/**
 * What a space needs from the world below it: a place where its broker runs (`InfraRuntime`), the files that
 * broker reads while it lives (`BrokerFiles`) and its management (`BrokerManagement`).
 */

/** Everything that decides how one broker runs. Two equal specs mean: nothing to do. */
export interface BrokerSpec {
  /** `infraUuid` of the space: 7 hex digits. */
  readonly id: string;
  readonly namespace: string;
  readonly space: string;
  /** Java heap, MiB. */
  readonly heapMiB: number;
  /** Bytes of messages in memory before the address-full policy acts. */
  readonly globalMaxBytes: number;
  readonly addressFullPolicy: 'PAGE' | 'BLOCK' | 'FAIL' | 'DROP';
  /** Further JVM options of the infra config, already split into words and screened. */
  readonly javaOptions: readonly string[];
  /** Defaults of the space's plan that go into the address setting `#`. */
  readonly defaults: AddressSettings;
  /** `standard`: users of the space; `none`: anybody may do anything with every address of the space. */
  readonly authentication: 'standard' | 'none';
}

/** A broker as it runs now. */
export interface BrokerInstance {
  readonly id: string;
  /** New at every start of the process: what was learnt from an older one no longer counts. */
  readonly incarnation: string;
  readonly host: string;
  readonly ports: { readonly amqp: number; readonly amqps: number; readonly admin: number };
}

/** The space that a broker was made for. */
export type BrokerOwner = Pick<BrokerSpec, 'namespace' | 'space'>;

export interface InfraRuntime {
  /**
   * Makes the broker run as the spec says: starts it, adopts a running one, or restarts it when the spec
   * changed. Returns when its ports accept connections; management may need a moment longer.
   * Idempotent: keyed by `spec.id`; ports stay the same for the life of the space. The first time it throws
   * MEMORY_EXHAUSTED where the host has no room for one more.
   */
  ensureBroker(
    spec: BrokerSpec,
    options?: { signal?: AbortSignal; onProgress?: (what: string) => void },
  ): Promise<BrokerInstance>;
  /** `undefined` when there is none or it does not run. */
  inspectBroker(id: string): Promise<BrokerInstance | undefined>;
  /** What there is of a broker: nothing that it ever wrote, a broker that runs or should, or a journal that is kept. */
  inspectStore(id: string): Promise<'none' | 'live' | 'parked'>;
  /**
   * Stops the broker and keeps its journal: it holds no memory, and nothing but `ensureBroker` starts it again.
   * Idempotent. Throws CONFLICT for a broker of another space.
   */
  parkBroker(id: string, owner: BrokerOwner): Promise<void>;
  /**
   * Stops the broker and forgets its journal. Idempotent.
   * @param owner when given, a broker that was made for another space is left alone: CONFLICT is thrown
   */
  removeBroker(id: string, owner?: BrokerOwner): Promise<void>;
  files(id: string): BrokerFiles;
}

/** Files that the broker re-reads while it runs. May be written before its first start. */
export interface BrokerFiles {
  /** Writes the files whose content differs, each by an atomic rename. @returns the names written */
  write(files: Readonly<Record<string, string>>): Promise<string[]>;
  read(name: string): Promise<string | undefined>;
}

/** Settings of an address that differ from its surroundings; absent fields inherit. Times in ms, sizes in bytes. */
export interface AddressSettings {
  readonly deadLetterAddress?: string;
  readonly expiryAddress?: string;
  readonly minExpiryDelay?: number;
  readonly maxExpiryDelay?: number;
  readonly maxDeliveryAttempts?: number;
  readonly redeliveryDelay?: number;
  readonly redeliveryMultiplier?: number;
  readonly maxRedeliveryDelay?: number;
  readonly maxSizeBytes?: number;
  readonly addressFullMessagePolicy?: 'PAGE' | 'BLOCK' | 'FAIL' | 'DROP';
}

/** One address as the broker shall have it. */
export interface DesiredAddress {
  /** Messaging address: what clients attach to. For a subscription the topic. */
  readonly address: string;
  readonly routing: 'ANYCAST' | 'MULTICAST';
  /** Durable queue below the address: its own name for queues, the subscription's for subscriptions, none for topics. */
  readonly queue?: { readonly name: string; readonly maxConsumers?: number };
  /** Only what differs from the settings `#`. */
  readonly settings?: AddressSettings;
}

export interface ObservedQueue {
  readonly name: string;
  readonly address: string;
  readonly routing: 'ANYCAST' | 'MULTICAST';
  readonly maxConsumers: number;
  /** Not so while it is parked: then it takes no messages. */
  readonly isEnabled: boolean;
  /** A client made it by attaching: a durable subscription of its own. */
  readonly isClients: boolean;
  readonly messageCount: number;
  readonly consumerCount: number;
}

/** What the broker holds, without its own internal queues and clients' temporary ones. */
export interface ObservedBroker {
  readonly queues: readonly ObservedQueue[];
  readonly addresses: readonly { readonly name: string; readonly routings: readonly string[] }[];
}

/** Outcome for one item, in the order of the input. */
export type ItemResult = { ok: true } | { ok: false; code: string; message: string };

export interface BulkProgress {
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export interface ExactOptions extends BulkProgress {
  /**
   * Does not rely on what was written before: somebody may have changed it by hand. One operation for each match.
   * A match that somebody added is not found: brokers do not list those that they have. Default: false.
   */
  readonly verify?: boolean;
}

/** Management of one broker over AMQP. Throws BROKER_UNAVAILABLE when it does not answer. */
export interface BrokerManagement {
  observe(): Promise<ObservedBroker>;
  /** Creates what is missing, changes what differs, reads creations back. Pipelined over several connections. */
  ensureAddresses(addresses: readonly DesiredAddress[], progress?: BulkProgress): Promise<ItemResult[]>;
  /**
   * Destroys each queue that holds no message and the address left empty. Callers revoke sending first.
   * @returns in the order of the input, what happened; `kept` carries the messages that forbade it
   */
  removeQueues(
    queues: readonly { queue: string; address: string }[],
    progress?: BulkProgress,
  ): Promise<RemovalResult[]>;
  /** Lets parked subscriptions take messages again. */
  enableQueues(queues: readonly string[]): Promise<void>;
  /** Removes an address that has no queues (a topic) and its settings. */
  removeAddresses(addresses: readonly string[], progress?: BulkProgress): Promise<ItemResult[]>;
  /** Destroys a queue with whatever it holds: only for parked queues whose time is up, or when told so. */
  purgeAndDestroy(queue: { queue: string; address: string }): Promise<void>;
  /** Makes the security matches exactly these; writes only what differs from what it wrote before. */
  setPermissions(
    matches: readonly PermissionMatch[],
    options?: ExactOptions,
  ): Promise<{ written: number; removed: number }>;
  /** Makes the exact address settings exactly these (match → settings), beside `#`. */
  setAddressSettings(
    settings: ReadonlyMap<string, AddressSettings>,
    options?: ExactOptions,
  ): Promise<{ written: number; removed: number }>;
  /** After a change of user or role files: forget what was cached of logins and permissions. */
  forgetLogins(): Promise<void>;
  /** Closes every connection that was authenticated as one of these users. @returns how many */
  closeConnections(usernames: readonly string[]): Promise<number>;
  /** Closes every tenant's connection that was authenticated as somebody else than these. @returns how many */
  closeStrangers(admitted: readonly string[]): Promise<number>;
  /** Lets nobody in any more until the broker is started again, and closes what tenants have open. */
  shutOut(): Promise<void>;
  /** Of everything that tenants put there: declared queues, subscriptions of clients, dead letters. */
  countMessages(): Promise<MessageCounts>;
  /** The memory that messages take, and which addresses take most of it, where little is left. */
  memoryUse(): Promise<MemoryUse>;
  /** In each of these queues, in their order; one that is not there holds none. */
  messagesIn(queues: readonly string[]): Promise<number[]>;
  /** Rejected messages that lie where nobody may read go back to the queues that they came from. */
  returnDeadLetters(): Promise<void>;
  close(): Promise<void>;
}

export interface MemoryUse {
  readonly usedBytes: number;
  readonly maxBytes: number;
  /** Empty while there is room. */
  readonly largest: readonly {
    readonly address: string;
    readonly bytes: number;
    readonly messages: number;
  }[];
}

export interface MessageCounts {
  /** Queues that hold messages which outlive the broker. */
  readonly queues: number;
  /** Messages that outlive the broker: their senders sent them as durable. */
  readonly messages: number;
  /** Those that end with it. */
  readonly transient: number;
}

export type RemovalResult =
  | { outcome: 'destroyed' }
  | { outcome: 'kept'; messages: number }
  | { outcome: 'failed'; code: string; message: string };

/** How to reach and trust a broker. PEM texts; nothing of this may be logged. */
export interface BrokerAccess {
  readonly instance: BrokerInstance;
  readonly admin: { readonly ca: string; readonly certificate: string; readonly key: string };
}

/** A login of a tenant, as a verifier: passwords themselves are never kept. */
export interface UserCredential {
  readonly username: string;
  /** `scram`: made from a password; `token`: a service account, proven by TokenReview. */
  readonly kind: 'password' | 'serviceaccount';
  readonly verifier?: PasswordVerifier;
}

/** What the broker's files hold of a password. All base64. */
export interface PasswordVerifier {
  readonly plain: string;
  readonly sha256: string;
  readonly sha512: string;
}

/** What a user may do with an address. `view` is browse; `manage` is browse too: purging is not served. */
export type Operation = 'send' | 'recv' | 'view' | 'manage';

/** One user's authorisation, from a MessagingUser. */
export interface Grant {
  /** Role on the broker: the user's name. */
  readonly role: string;
  readonly operations: readonly Operation[];
  /** Patterns as EnMasse writes them: words split by `/`, `+` one word, `*` or `#` all words, `top*` a prefix. */
  readonly addresses: readonly string[];
}

/** Permissions of one security match of the broker (delimiter `/`, `+` one word, `#` any words). */
export interface PermissionMatch {
  readonly match: string;
  readonly send: readonly string[];
  /** To consume from a topic a client makes a non-durable queue of its own: this right includes that. */
  readonly consume: readonly string[];
  readonly browse: readonly string[];
  /** Who may make durable subscriptions on a topic, by attaching to it. Nobody elsewhere. */
  readonly subscribe?: readonly string[];
  /** Who may end them. */
  readonly unsubscribe?: readonly string[];
}

/** What of the addresses are topics: whoever may receive from one may subscribe to it. */
export interface Topics {
  readonly names: ReadonlySet<string>;
  /** There is room for no more subscriptions: those that there are can be used and ended. */
  readonly isFull: boolean;
}

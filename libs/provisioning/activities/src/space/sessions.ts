import type { Grant, PermissionMatch } from '@samband/access';
import type { BrokerAccess, BrokerInstance, BrokerManagement } from '@samband/topology';
import { errorCode, SambandError } from '@samband/errors';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import type { Holdings } from './holdings.js';
import { claimBroker, type SpaceInfra } from './infra-secret.js';
import type { Judgements } from './judge-users.js';

/** What is known of a broker holds so long: a little less than the pause of a space that nothing happens to. */
export const lookAgainMs = 240_000;

/**
 * What this worker knows of one running broker. It spares looks at the broker, never decides by itself: a new
 * incarnation or another worker starts from a full look, and so does this one after another was at work.
 */
export interface BrokerSession {
  readonly instance: BrokerInstance;
  /** What it logs in with. */
  readonly admin: BrokerAccess['admin'];
  readonly management: BrokerManagement;
  /** Digest of what each Address was last ensured as, by messaging address or `topic::subscription`; empty until the first full look. */
  readonly applied: Map<string, string>;
  /** Queues and addresses known to be on the broker; `undefined` until the first full look. */
  observed: Holdings | undefined;
  /** Of the last full look: when, and what the space's `samband.dev/requested-at` said. */
  looked: { readonly at: Date; readonly asked: string | undefined } | undefined;
  /** Since the last full look, permissions and settings were not yet compared with what the broker goes by. */
  isDoubted: boolean;
  /** What nobody may use: its Address is gone. As `foldPermissions` names it; `undefined` until somebody looked. */
  closed: Set<string> | undefined;
  /** Messages of closed queues as they were last counted, and when. As `closed` names them. */
  readonly counted: Map<string, { readonly messages: number; readonly at: Date }>;
  authentication: 'standard' | 'none';
  /** That messages had no room was said. */
  isFull?: boolean;
  /** Clients can make no more durable subscriptions; `undefined` until somebody counted. */
  hasAllSubscriptions: boolean | undefined;
  /** Connections of whoever is no user were closed since the session began. */
  hasClosedStrangers: boolean;
  /** Permissions as they were last folded, and what of. */
  folded: Folded | undefined;
}

export interface Folded {
  readonly of: {
    readonly grants: readonly Grant[];
    readonly addresses: readonly string[];
    readonly closed: readonly string[];
    readonly topics: readonly string[];
    readonly isFull: boolean;
  };
  readonly matches: readonly PermissionMatch[];
}

/** What a worker remembers of the logins of one broker. */
export interface Logins {
  /** Users as they were last judged. */
  readonly judgements: Judgements;
  /** How often something was taken away: what was judged before that is judged again. */
  revocations: number;
}

export class BrokerSessions {
  private readonly sessions = new Map<string, BrokerSession>();
  private readonly logins = new Map<string, Logins>();
  /** The last of those that wait for their turn, by what they wait for. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly ports: Ports) {}

  /** What is known of the logins of a broker, whether it runs or not. */
  loginsOf(id: string): Logins {
    const logins = this.logins.get(id) ?? { judgements: new Map(), revocations: 0 };
    this.logins.set(id, logins);
    return logins;
  }

  /** Changes who may log in, one at a time: whoever gives must not give again what another has just taken away. */
  changeLogins<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.inTurn(`logins ${id}`, work);
  }

  private inTurn<T>(of: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(of) ?? Promise.resolve()).then(work, work);
    this.turns.set(of, turn);
    const end = (): void => {
      if (this.turns.get(of) === turn) this.turns.delete(of);
    };
    turn.then(end, end);
    return turn;
  }

  /** The session with the broker as it runs now. Throws BROKER_UNAVAILABLE when it does not run. */
  open(id: string, infra: SpaceInfra): Promise<BrokerSession> {
    // Steps that go on beside each other share one session.
    return this.inTurn(`session ${id}`, () => this.openNow(id, infra));
  }

  private async openNow(id: string, infra: SpaceInfra): Promise<BrokerSession> {
    const instance = await this.ports.runtime.inspectBroker(id);
    if (instance === undefined) throw new SambandError('BROKER_UNAVAILABLE', 'the broker does not run');
    const known = this.sessions.get(id);
    const isLast = infra.writer === this.ports.workerId;
    const admin = {
      ca: infra.internalCa.certificate,
      certificate: infra.admin.certificate,
      key: infra.admin.key,
    };
    const isSame = known?.instance.incarnation === instance.incarnation && isSameValue(known.admin, admin);
    if (isSame && isLast) return known;
    await this.close(id);
    if (!isLast) await claimBroker(this.ports, id);
    const session: BrokerSession = {
      instance,
      admin,
      management: this.ports.brokers.connect({ instance, admin }),
      applied: new Map(),
      observed: undefined,
      looked: undefined,
      isDoubted: true,
      closed: undefined,
      counted: new Map(),
      authentication: 'standard',
      hasAllSubscriptions: undefined,
      hasClosedStrangers: false,
      folded: undefined,
    };
    this.sessions.set(id, session);
    return session;
  }

  /** Forgets what was known: the next step starts from a full look. */
  async close(id: string): Promise<void> {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    await session?.management.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.sessions.keys()].map((id) => this.close(id)));
  }
}

/** Whether it is the broker that failed: nothing can be concluded of what it holds. */
export function isOfBroker(error: unknown): boolean {
  return errorCode(error)?.startsWith('BROKER_') === true;
}

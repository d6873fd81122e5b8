/** An object that a commit removes, and what its broker held when the plan was made. */
export interface Holder {
  /** As `describeRef` names it. */
  readonly resource: string;
  /** How long its messages are kept (Go duration); `undefined` where the messages are destroyed at once. */
  readonly parkFor: string | undefined;
  /** Absent where the broker could not be asked. */
  readonly held?: { readonly messages: number; readonly queues: number };
}

/** More names than these say nothing new: the plan lists them. */
const mostNamed = 3;

/**
 * What becomes of messages when these go, for people; empty when none held any. Counted while clients go on sending, so
 * it says when.
 * @param at when it was counted, RFC 3339
 */
export function sayAtRisk(holders: readonly Holder[], at: string): string {
  const risks = holders.filter(({ held }) => held === undefined || held.messages > 0);
  if (risks.length === 0) return '';
  const named = risks.slice(0, mostNamed).map(sayOne);
  const others = risks.slice(mostNamed);
  const rest =
    others.length === 0
      ? []
      : [`and ${number(sum(others))} messages of ${others.length} others, see status.plan.entries`];
  return `${[...named, ...rest].join('; ')} (counted at ${at.slice(0, 19)}Z)`;
}

function sayOne({ resource, held, parkFor }: Holder): string {
  const fate = parkFor === undefined ? 'will be destroyed' : `will be parked for ${parkFor}`;
  if (held === undefined) return `removes ${resource}: its messages could not be counted, and ${fate}`;
  const { messages, queues } = held;
  const where = queues > 1 ? ` in ${number(queues)} queues` : '';
  return `removes ${resource}: ${number(messages)} ${messages === 1 ? 'message' : 'messages'}${where} ${fate}`;
}

function sum(holders: readonly Holder[]): number {
  return holders.reduce((total, { held }) => total + (held?.messages ?? 0), 0);
}

/** 1,234: with thousands told apart. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

import { findCondition, refOf, setStanding, type MessagingUser, type StatusWrite } from '@samband/resources';
import type { Ports } from '../ports.js';

/** How it stands with one user. */
export type UserOutcome =
  | { readonly user: MessagingUser; readonly ok: true; readonly credentialsSecret?: string }
  | {
      readonly user: MessagingUser;
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly retry: boolean;
    };

export function userWrites(ports: Ports, judged: readonly UserOutcome[]): StatusWrite[] {
  const now = ports.now().toISOString();
  return judged.flatMap((one) => {
    const { user } = one;
    const generation = user.metadata.generation ?? 1;
    const reason = one.ok ? 'Ready' : one.reason;
    const message = one.ok ? '' : one.message;
    const conditions = setStanding(
      user.status?.conditions,
      {
        standing: one.ok ? 'ready' : one.retry ? 'reconciling' : 'stalled',
        reason,
        message,
        observedGeneration: generation,
      },
      now,
    );
    const ready = findCondition(user.status?.conditions, 'Ready');
    const same =
      user.status?.observedGeneration === generation &&
      ready?.status === (one.ok ? 'True' : 'False') &&
      ready.reason === reason &&
      ready.message === message;
    if (same) return [];
    return {
      ref: refOf(user),
      resourceVersion: user.metadata.resourceVersion ?? '',
      status: {
        phase: one.ok ? 'Active' : one.retry ? 'Configuring' : 'Pending',
        message,
        generation,
        observedGeneration: generation,
        conditions,
        ...(one.ok && one.credentialsSecret !== undefined
          ? { credentialsSecret: one.credentialsSecret }
          : {}),
      },
    };
  });
}

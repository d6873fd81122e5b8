import path from 'node:path';
import type { Logger } from '@samband/observability';
import { writeAtomically } from '@samband/processes';
import { INFRA_NAMESPACE, type ResourceStore } from '@samband/resources';

const serviceAccount = 'samband-broker';
const lifeSeconds = 24 * 3_600;
const refreshMs = 3_600_000;
const retryMs = 10_000;

export interface BrokerToken {
  readonly tokenPath: string;
  stop(): void;
}

/**
 * Keeps the token that brokers review service accounts' tokens with: a file, renewed each hour, good for a day, so
 * that brokers go on while the worker is away.
 */
export async function keepBrokerToken(
  store: ResourceStore,
  options: { stateDir: string; logger: Logger },
): Promise<BrokerToken> {
  const tokenPath = path.join(path.resolve(options.stateDir), 'brokers-api', 'token');
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const renew = async (): Promise<void> => {
    let next = refreshMs;
    try {
      const token = await store.requestToken(INFRA_NAMESPACE, serviceAccount, lifeSeconds);
      await writeAtomically(tokenPath, token);
    } catch (error) {
      options.logger.warn('the token for brokers could not be renewed', { error });
      next = retryMs;
    }
    if (stopped) return;
    timer = setTimeout(() => void renew(), next);
    timer.unref();
  };
  await renew();
  return {
    tokenPath,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

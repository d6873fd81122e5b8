import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@samband/observability';

/** Nest's own words, among ours. Its start-up chatter is of interest to nobody but us. */
export function nestLogger(logger: Logger): LoggerService {
  const say =
    (level: 'debug' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]): void => {
      logger[level]('nest', { text: message instanceof Error ? message.message : message, rest });
    };
  return {
    log: say('debug'),
    debug: say('debug'),
    verbose: say('debug'),
    warn: say('warn'),
    error: say('error'),
  };
}

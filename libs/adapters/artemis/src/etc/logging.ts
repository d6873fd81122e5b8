/**
 * Log4j 2. Audit loggers are off: on, each management operation writes a line. Netty and the rest speak only
 * when something is wrong. Lines go to standard output, where the runtime collects them.
 */
export function renderLogging(): string {
  return [
    'status = error',
    'appender.console.type = Console',
    'appender.console.name = console',
    'appender.console.layout.type = PatternLayout',
    "appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%logger] %msg%n",
    'rootLogger.level = WARN',
    'rootLogger.appenderRef.console.ref = console',
    'logger.server.name = org.apache.activemq.artemis.core.server',
    'logger.server.level = INFO',
    'logger.audit.name = org.apache.activemq.audit',
    'logger.audit.level = OFF',
    '',
  ].join('\n');
}

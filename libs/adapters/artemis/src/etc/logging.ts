/**
 * Log4j 2. Audit loggers are off: on, each management operation writes a line. Netty and the rest speak only
 * when something is wrong. Line breaks in messages are encoded: clients choose some of the words. Lines go to standard output, where the runtime collects them.
 */
export function renderLogging(): string {
  return [
    'status = error',
    'appender.console.type = Console',
    'appender.console.name = console',
    'appender.console.layout.type = PatternLayout',
    "appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%logger] %enc{%msg}{CRLF}%n",
    'rootLogger.level = WARN',
    'rootLogger.appenderRef.console.ref = console',
    'logger.server.name = org.apache.activemq.artemis.core.server',
    'logger.server.level = INFO',
    // One line, not a stack trace, for each client that goes away or does not know its password.
    'logger.client.name = org.apache.activemq.artemis.core.client',
    'logger.client.level = ERROR',
    'logger.scram.name = org.apache.activemq.artemis.protocol.amqp.sasl.scram',
    'logger.scram.level = OFF',
    'logger.audit.name = org.apache.activemq.audit',
    'logger.audit.level = OFF',
    '',
  ].join('\n');
}

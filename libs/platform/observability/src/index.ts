export {
  createLogger,
  silentLogger,
  type LogFacts,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.js';
export { redact, redactText } from './redact.js';
export {
  createMetrics,
  type CounterMetric,
  type HistogramMetric,
  type Labels,
  type MetricOptions,
  type Metrics,
} from './metrics.js';
export { createReadiness, type HealthCheck, type Readiness } from './readiness.js';
export { serveHealth, type HealthServer, type HealthServerOptions } from './serve-health.js';

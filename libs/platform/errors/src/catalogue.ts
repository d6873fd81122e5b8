/**
 * The one list of everything that can go wrong. An entry decides, once and for all edges, whether trying
 * again can help (`later`) or not (`never`), and what HTTP says.
 */
export interface CatalogueEntry {
  readonly retry: 'never' | 'later';
  readonly status: number;
}

const never = (status: number): CatalogueEntry => ({ retry: 'never', status });
const later = (status: number): CatalogueEntry => ({ retry: 'later', status });

export const catalogue = {
  // Requests
  BAD_REQUEST: never(400),
  UNAUTHENTICATED: never(401),
  FORBIDDEN: never(403),
  NOT_FOUND: never(404),
  METHOD_NOT_ALLOWED: never(405),
  CONFLICT: never(409),
  PAYLOAD_TOO_LARGE: never(413),
  UNSUPPORTED_MEDIA_TYPE: never(415),
  TOO_MANY_REQUESTS: later(429),
  INTERNAL: later(500),
  // Kubernetes
  KUBERNETES_UNAVAILABLE: later(503),
  KUBERNETES_INVALID: never(422),
  KUBERNETES_CONFLICT: later(409),
  KUBERNETES_FORBIDDEN: never(403),
  KUBERNETES_UNKNOWN_KIND: later(404),
  // Temporal
  TEMPORAL_UNAVAILABLE: later(503),
  // Git
  GIT_UNAVAILABLE: later(502),
  GIT_UNAUTHENTICATED: later(502),
  GIT_REF_NOT_FOUND: later(404),
  GIT_COMMIT_NOT_FOUND: never(404),
  GIT_URL_REFUSED: never(422),
  GIT_TOO_LARGE: never(413),
  GIT_TIMEOUT: later(504),
  // Brokers and their machines
  BROKER_UNAVAILABLE: later(503),
  BROKER_REFUSED: never(422),
  BROKER_START_FAILED: later(503),
  PROBE_FAILED: later(503),
  // Rollouts
  SNAPSHOT_MISSING: never(404),
  WAIT_TIMEOUT: later(504),
  OBJECT_STALLED: never(422),
  DEPENDENCY_MISSING: later(424),
  ROLLOUT_REFUSED: never(422),
  ROLLOUT_OVERTAKEN: never(409),
  // Exports and memory of the host
  EXPORT_FORBIDDEN: later(403),
  EXPORT_NOT_OURS: later(409),
  MEMORY_EXHAUSTED: later(503),
  // Steps of one run that saw different states of a space
  SPACE_CHANGED: later(409),
  // Certificates
  CERTIFICATE_INVALID: never(422),
  // AMQP peers
  AMQP_REFUSED: never(422),
  AMQP_NO_CREDIT: later(503),
  AMQP_TIMEOUT: later(504),
  // What a broker has already
  BROKER_CONFLICT: never(409),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

export { catalogue, type CatalogueEntry, type ErrorCode } from './catalogue.js';
export { SambandError, errorCode, isRetryable, toSambandError, type Facts } from './samband-error.js';
export { toFailureOptions, toProblem, toReason, type Problem } from './renderings.js';

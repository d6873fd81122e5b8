export { createCertificates, type Certificates } from './certificates.js';
export { createCa, issueCertificate, type CaOptions, type IssueOptions } from './issue.js';
export { needsRenewal, type RenewalOptions } from './renewal.js';
export type { BundleVerdict } from './bundle.js';
export type { KeyPair } from './key-pair.js';

export { createCertificates, type Certificates } from './certificates.js';
export { createCa, issueCertificate, type CaOptions, type IssueOptions } from './issue.js';
export { inspectCertificate, isIssuedBy, type CertificateFacts } from './inspect.js';
export { needsRenewal, type RenewalOptions } from './renewal.js';
export { validateBundle, type BundleVerdict } from './bundle.js';
export type { KeyPair } from './key-pair.js';

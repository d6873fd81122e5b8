export { brokerFileNames, brokerFolders, brokerUserFiles, type BrokerLayout } from './layout.js';
export { renderEtc } from './etc/render-etc.js';
export { brokerJar } from './java/broker-jar.js';
export { javaCommand, type JavaOptions } from './java-command.js';
export {
  adminCommonName,
  adminRole,
  anybodyRole,
  tenantRole,
  adminServerName,
  probeAddress,
  probeUser,
} from './names.js';
export { deriveSalts, isMadeWith, makeVerifier, type VerifierSalts } from './users/verifier.js';
export { loginFiles, loginsIn, verifierFiles, verifiersIn } from './users/logins.js';
export { renderUserFiles, type UserFilesInput } from './users/user-files.js';
export { renderTlsFiles, type CertificateAndKey } from './users/tls-files.js';
export { createBrokerManagement, type ManagementOptions } from './management/broker-management.js';
export { probeBroker, type ProbeOptions } from './probe.js';

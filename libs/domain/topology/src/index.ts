export type * from './ports.js';
export { addressNameFault, isInternal } from './address-names.js';
export {
  effectiveValues,
  exactSettings,
  exceptionalSettings,
  spaceDefaults,
  type EffectiveValues,
} from './address-settings.js';
export { brokerSpec, brokerSpecText, type BrokerSpecInput } from './broker-spec.js';
export { chooseAuthentication, type ChosenAuthentication } from './choose-authentication.js';
export { checkAddresses, type AddressFault } from './check-addresses.js';
export {
  decideCertificate,
  type CertificateDecision,
  type CertificateOffer,
  type CertificateSource,
} from './decide-certificate.js';
export { clientAddress, desiredAddress, effectiveStatus, type AddressContext } from './desired-address.js';
export { diffAddresses, type AddressDiff } from './diff-addresses.js';
export {
  endpointsOf,
  endpointStatus,
  exportData,
  hostName,
  type Endpoint,
  type EndpointTarget,
  type ExportInput,
} from './endpoints.js';

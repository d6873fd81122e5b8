export {
  artemisHome,
  startTestBroker,
  testBrokerJar,
  type TestBroker,
  type TestBrokerOptions,
} from './test-broker.js';
export { createTestAuthority, type TestAuthority, type TestCertificate } from './test-certificates.js';

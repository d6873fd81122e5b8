export {
  createControlActivities,
  createHostActivities,
  type ControlActivities,
  type HostActivities,
} from './create-activities.js';
export type { BrokerPort, CertificatePort, EventRecorder, KeyPair, Ports } from './ports.js';
export { DriftWatch } from './source/drift-watch.js';
export { BrokerSessions } from './space/sessions.js';
export { SpaceRevisions } from './space/revisions.js';

export { cacheFolder } from './cache-folder.js';
export { endProcess, isGone, type ProcessEnd } from './end-process.js';
export { hasErrno, readIfThere, writeAtomically, type WriteOptions } from './files.js';
export { takeLock, tryWithLock, withLock, type Lock, type LockOptions, type LockOwner } from './lock.js';
export { accepts, findFreePort, isFree, type PortRange } from './ports.js';
export {
  findByLastArgument,
  identify,
  isRunning,
  ownIdentity,
  readProcess,
  signalProcess,
  startTimeOf,
  type ProcessIdentity,
  type RunningProcess,
} from './process-identity.js';
export { steadyNow } from './steady-clock.js';

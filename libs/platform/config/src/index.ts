export { Secret } from './secret.js';
export {
  describeProblems,
  loadConfig,
  type ConfigProblem,
  type ConfigResult,
  type Environment,
} from './load-config.js';
export { configExitCode, readConfigOrExit, type ExitPorts } from './exit.js';
export {
  envAddress,
  envFlag,
  envInteger,
  envList,
  envLogLevel,
  envParsed,
  envPort,
  type EnvField,
} from './fields.js';

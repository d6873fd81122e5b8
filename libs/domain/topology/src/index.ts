export type * from './ports.js';
export { canonicalJson } from './canonical-json.js';

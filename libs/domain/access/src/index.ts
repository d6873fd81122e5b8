export type { Grant, Operation, PermissionMatch } from './grant.js';

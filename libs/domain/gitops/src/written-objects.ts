import {
  exportKinds,
  generatedSecretName,
  isOfKind,
  type KubeObject,
  type OwnerReference,
} from '@samband/resources';
import { textAt, valueAt } from './values.js';
import type { PathStep } from './manifest.js';

/** An object beside itself that one of Samband's objects writes, in its own namespace. */
export interface WrittenObject {
  readonly kind: string;
  readonly name: string;
  /** Where in the writer it is named. */
  readonly path: readonly PathStep[];
}

/** What a space exports, and the Secret that the password of a user is generated into. */
export function writtenBy(object: KubeObject): WrittenObject[] {
  if (isOfKind('AddressSpace', object)) return exportsOf(object);
  return isOfKind('MessagingUser', object) ? generatedSecretOf(object) : [];
}

/** Whether objects of the kind may be written by a space or a user. */
export function isWrittenKind({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return apiVersion === 'v1' && exportKinds.some((one) => one === kind);
}

/** The space or user that a live object was written by. */
export function writerOf(live: KubeObject | undefined): OwnerReference | undefined {
  return live?.metadata.ownerReferences?.find(
    ({ apiVersion, kind, controller }) =>
      controller === true &&
      (kind === 'AddressSpace' || kind === 'MessagingUser') &&
      /^(user\.)?enmasse\.io\//.test(apiVersion),
  );
}

function exportsOf(space: KubeObject): WrittenObject[] {
  return listAt(space, ['spec', 'endpoints']).flatMap((endpoint, index) =>
    listAt(endpoint, ['exports']).flatMap((one, at): WrittenObject[] => {
      const [kind, name] = [textAt(one, 'kind'), textAt(one, 'name')];
      if (kind === undefined || name === undefined) return [];
      return [{ kind, name, path: ['spec', 'endpoints', index, 'exports', at, 'name'] }];
    }),
  );
}

/** As `passwordSource` has it, of objects that may not fit their schema. */
function generatedSecretOf(user: KubeObject): WrittenObject[] {
  const login = ['spec', 'authentication'];
  const isElsewhere = ['password', 'passwordSecretRef'].some(
    (key) => valueAt(user, [...login, key]) !== undefined,
  );
  if (textAt(user, ...login, 'type') !== 'password' || isElsewhere) return [];
  const path = [...login, 'generateSecret', 'name'];
  const name = textAt(user, ...path);
  if (name !== undefined) return [{ kind: 'Secret', name, path }];
  return [{ kind: 'Secret', name: generatedSecretName(user.metadata.name), path: ['metadata', 'name'] }];
}

function listAt(object: unknown, path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value : [];
}

import { spaceOfAddress } from '@samband/resources';
import { textAt } from '../end-state.js';
import { quote } from '../problems.js';
import { namespaceOf, origin, type DocumentRule } from './rule.js';

export const userTypeIsOffered: DocumentRule = ({ document }) => {
  const path = ['spec', 'authentication', 'type'];
  if (textAt(document.object, ...path) !== 'federated') return [];
  const message = 'users of type federated are not offered here: use password or serviceaccount';
  return [{ code: 'USER_TYPE_NOT_OFFERED', path, message }];
};

/** No other user of the space logs in with the same name. */
export const usernameIsUnique: DocumentRule = ({ document, end }) => {
  const path = ['spec', 'username'];
  const username = textAt(document.object, ...path);
  const space = spaceOfAddress(document.object.metadata.name);
  if (username === undefined || space === undefined) return [];
  const other = end
    .users(namespaceOf(document), space, username)
    .find(({ object }) => object.metadata.name !== document.object.metadata.name);
  if (other === undefined) return [];
  const message = `the username ${quote(username)} is declared twice in space ${quote(space)}: also by ${quote(other.object.metadata.name)} (${origin(other)})`;
  return [{ code: 'USERNAME_DUPLICATE', path, message }];
};

import { parsePattern, patternProblems, severalIn } from '@samband/access';
import { passwordFault, spaceOfAddress, textOfBase64, withoutLineEnd } from '@samband/resources';
import { textAt, valueAt } from '../values.js';
import { quote } from '../problems.js';
import { namespaceOf, origin, type DocumentRule, type Finding } from './rule.js';

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

/** A password in the file is one that every client can log in with. */
export const passwordIsUsable: DocumentRule = ({ document }) => {
  const path = ['spec', 'authentication', 'password'];
  const text = textOfBase64(textAt(document.object, ...path) ?? '');
  // What is no base64, or nothing at all, the schema names.
  if (text === undefined || text === '') return [];
  const fault = passwordFault(withoutLineEnd(text));
  return fault === undefined ? [] : [{ code: 'FIELD_INVALID', path, message: `the password ${fault}` }];
};

/** Every pattern of an address can be kept by the broker: one that cannot would grant nothing. */
export const patternsAreUsable: DocumentRule = ({ document, end }) => {
  const list = ['spec', 'authorization'];
  return asList(valueAt(document.object, list)).flatMap((entry, index) => {
    const patterns = asList(valueAt(entry, ['addresses']));
    const texts = patterns.filter((pattern) => typeof pattern === 'string');
    // Which of them are no text was said already; an index would not be the file's then.
    if (texts.length < patterns.length) return [];
    const space = spaceOfAddress(document.object.metadata.name) ?? '';
    const isAddress = (text: string): boolean => end.addresses(namespaceOf(document), space, text).length > 0;
    return [...patternProblems(texts), ...listsInOne(texts, isAddress)].map(
      ({ index: at, problem }): Finding => {
        const message = `the address pattern ${quote(texts[at] ?? '')} ${problem}`;
        return { code: 'PATTERN_UNUSABLE', path: [...list, index, 'addresses', at], message };
      },
    );
  });
};

/** `orders,news` is one address to the broker, which nobody has. */
function listsInOne(
  texts: readonly string[],
  isAddress: (text: string) => boolean,
): { index: number; problem: string }[] {
  return texts.flatMap((text, index) => {
    const several = severalIn(text);
    const isList = several.length > 1 && parsePattern(text).ok && !isAddress(text);
    const entries = several.slice(0, 5).map((one) => quote(one));
    return isList
      ? [{ index, problem: `holds several: write each as an entry of its own, ${entries.join(', ')}` }]
      : [];
  });
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

import { ourKind, type KubeObject } from '@samband/resources';
import { isMapping, type IdentityIssue } from './identity.js';
import { checkSchema, type CheckedDocument } from './rules/schema.js';
import type { Finding } from './rules/rule.js';
import { serverFields, withoutFieldsAt } from './server-fields.js';
import type { JsonValue } from './source-value.js';
import { valueAt } from './values.js';
import { withoutNulls } from './without-nulls.js';
import { writtenAs } from './written-as.js';

const MOST = 100;

/**
 * Everything that is wrong with an object whose kind may be known although its name is no name: what its fields lack is
 * told together with that, and not in a second round.
 */
export function unidentified(
  value: JsonValue,
  issues: readonly IdentityIssue[],
  { lineOf, textAtLine }: Pick<CheckedDocument, 'lineOf' | 'textAtLine'>,
): Finding[] {
  const own = issues.map((issue): Finding => {
    const { path, message } = issue;
    if (!message.endsWith('put it into quotes')) return issue;
    const text = writtenAs(path, valueAt(value, path), textAtLine(lineOf(path)));
    return text === undefined ? issue : { ...issue, message: `${message}, "${text}"` };
  });
  if (!isMapping(value)) return own;
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return own;
  if (ourKind({ apiVersion, kind })?.isServed !== true) return own;
  const named = { ...value, metadata: isMapping(metadata) ? metadata : {} } as unknown as KubeObject;
  const object = withoutNulls(withoutFieldsAt(named, serverFields(named)));
  const others = checkSchema({ object, lineOf, textAtLine }, MOST);
  return [...own, ...others.filter(({ path }) => path[0] !== 'metadata')];
}

import { isWrittenKind, writerOf, writtenBy } from '../written-objects.js';
import { quote } from '../problems.js';
import { namespaceOf, origin, type DocumentRule, type Finding } from './rule.js';

/** What a space exports, or a user's password is generated into, is written by nobody else. */
export const writesAlone: DocumentRule = ({ document, end }) => {
  const { object } = document;
  return writtenBy(object).flatMap(({ kind, name, path }): Finding[] => {
    const other = end
      .writers(namespaceOf(document), kind, name)
      .find(({ object: one }) => one.kind !== object.kind || one.metadata.name !== object.metadata.name);
    if (other === undefined) return [];
    const writer = `${other.object.kind} ${quote(other.object.metadata.name)} (${origin(other)})`;
    const message = `${kind} ${quote(name)} is also written by ${writer}: name another one in one of them`;
    return [{ code: 'OBJECT_WRITTEN_ELSEWHERE', path, message }];
  });
};

/** An object of the commit is none that a space or a user writes: its content would be one or the other's by chance. */
export const isWrittenByNobodyElse: DocumentRule = ({ document, end }) => {
  const { object } = document;
  if (!isWrittenKind(object)) return [];
  const { kind } = object;
  const { name } = object.metadata;
  const refuse = (message: string): Finding[] => [
    { code: 'OBJECT_WRITTEN_ELSEWHERE', path: ['metadata', 'name'], message },
  ];
  const [writer] = end.writers(namespaceOf(document), kind, name);
  if (writer !== undefined) {
    const by = `${writer.object.kind} ${quote(writer.object.metadata.name)} (${origin(writer)})`;
    return refuse(
      `${kind} ${quote(name)} is written by ${by}: take it out of the commit, or let that one name another object`,
    );
  }
  const owner = writerOf(end.get(object.apiVersion, kind, object.metadata.namespace, name)?.live);
  if (owner === undefined) return [];
  return refuse(
    `${kind} ${quote(name)} still belongs to ${owner.kind} ${quote(owner.name)}, with which it goes: rename it here, or declare it when it is gone, which takes a commit of its own first`,
  );
};

import { nameWithoutGaps } from '@samband/access';
import {
  annotations,
  describeRef,
  driftModes,
  idleFields,
  keyOf,
  ourKind,
  refOf,
  replacementVersion,
  type AddressSpaceType,
  type KindName,
  type KubeObject,
} from '@samband/resources';
import { buildEndState, type EndState } from './end-state.js';
import { foreignFields } from './foreign-fields.js';
import type { ManifestDocument } from './manifest.js';
import type { Inventory, LiveObjects, Owner } from './ownership.js';
import type { Problem } from './ports.js';
import {
  formatPath,
  problemAt,
  quote,
  sortProblems,
  type ProblemCode,
  type WarningCode,
} from './problems.js';
import {
  addressIsUnique,
  addressIsUsable,
  addressPlanFits,
  addressTypeIsServed,
  referencedAddressesExist,
  spaceExists,
} from './rules/addresses.js';
import { addressPlanIsUsable, liesInInfraNamespace, spacePlanIsUsable } from './rules/plans.js';
import type { DocumentRule } from './rules/rule.js';
import { checkSchema } from './rules/schema.js';
import { subjectsElsewhere } from './rules/subjects.js';
import { authenticationIsServed, spacePlanFits, spaceTypeIsOffered } from './rules/spaces.js';
import { passwordIsUsable, patternsAreUsable, usernameIsUnique, userTypeIsOffered } from './rules/users.js';
import { isWrittenByNobodyElse, writesAlone } from './rules/writers.js';
import { serverFields } from './server-fields.js';
import { textAt } from './values.js';

export interface ValidationContext {
  readonly live: LiveObjects;
  readonly inventory: Inventory;
  readonly owner: Owner;
  readonly prune: boolean;
  /** Types of address spaces that this installation serves. Default: brokered. */
  readonly offeredSpaceTypes?: readonly AddressSpaceType[];
}

export interface Validation {
  /** What the documents were judged on. */
  readonly end: EndState;
  /** With any of these the commit is refused as a whole. Sorted by file and line. */
  readonly problems: readonly Problem[];
  /** Accepted, but worth telling. Sorted by file and line. */
  readonly warnings: readonly Problem[];
}

/** So many problems of one document are told, and one alone when the commit has so many already. */
const MAX_PER_DOCUMENT = 100;
const MANY = 10_000;

/** What is asked of each kind beyond its schema, in this order. */
const rulesOf: Partial<Record<KindName, readonly DocumentRule[]>> = {
  AddressSpace: [spaceTypeIsOffered, spacePlanFits, authenticationIsServed, writesAlone],
  Address: [
    spaceExists,
    addressTypeIsServed,
    addressPlanFits,
    addressIsUsable,
    addressIsUnique,
    referencedAddressesExist,
  ],
  MessagingUser: [
    spaceExists,
    userTypeIsOffered,
    usernameIsUnique,
    passwordIsUsable,
    patternsAreUsable,
    writesAlone,
  ],
  AddressSpacePlan: [liesInInfraNamespace, spacePlanIsUsable],
  AddressPlan: [liesInInfraNamespace, addressPlanIsUsable],
  BrokeredInfraConfig: [liesInInfraNamespace],
  StandardInfraConfig: [liesInInfraNamespace],
  AuthenticationService: [liesInInfraNamespace],
};

/** What is asked of kinds that are not ours. */
const rulesOfOthers: readonly DocumentRule[] = [isWrittenByNobodyElse];

/** Documents without a mistake in their fields: a document never changes, so once is enough. */
const fitting = new WeakSet<ManifestDocument>();

/**
 * Judges the objects of a commit, all problems at once: schemas of our kinds, objects declared twice, and
 * references, judged on the state in which the commit is in force. Other kinds are left to the API server.
 */
export function validateDocuments(
  documents: readonly ManifestDocument[],
  context: ValidationContext,
): Validation {
  const problems = findDuplicates(documents);
  const unfit = new Set<KubeObject>();
  /** By document, the fields that the schema refuses: about those all is said. */
  const refused = new Map<ManifestDocument, Set<string>>();
  const most = (): number => (problems.length < MANY ? MAX_PER_DOCUMENT : 1);
  for (const document of documents) {
    if (fitting.has(document)) continue;
    const findings = checkSchema(document, most());
    if (findings.length === 0) {
      fitting.add(document);
      continue;
    }
    refused.set(document, new Set(findings.map(({ path }) => formatPath(path))));
    for (const { code, path, message } of findings) {
      problems.push(at(document, document.lineOf(path), code, message));
      if (code !== 'UNKNOWN_FIELD') unfit.add(document.object);
    }
  }
  const end = buildEndState({ documents, ...context }, unfit);
  const offeredSpaceTypes = context.offeredSpaceTypes ?? ['brokered'];
  for (const document of documents) {
    const kind = ourKind(document.object)?.kind;
    const rules = (kind === undefined ? rulesOfOthers : rulesOf[kind]) ?? [];
    const input = { document, end, offeredSpaceTypes };
    const findings = rules.flatMap((rule) => rule(input));
    if (findings.length === 0) continue;
    const unsaid = findings.filter(({ path }) => refused.get(document)?.has(formatPath(path)) !== true);
    for (const { code, path, message } of unsaid.slice(0, most())) {
      problems.push(at(document, document.lineOf(path), code, message));
    }
  }
  return { end, problems: sortProblems(problems), warnings: sortProblems(documents.flatMap(warn)) };
}

function findDuplicates(documents: readonly ManifestDocument[]): Problem[] {
  const first = new Map<string, ManifestDocument>();
  return documents.flatMap((document) => {
    const key = keyOf(document.object);
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, document);
      return [];
    }
    const message = `${describeRef(refOf(document.object))} is declared twice: first at ${known.file}:${known.line}; remove one`;
    return [at(document, document.line, 'DUPLICATE_OBJECT', message)];
  });
}

const warningsOf = new WeakMap<ManifestDocument, readonly Problem[]>();

/** What a document is warned of lies in itself alone. */
function warn(document: ManifestDocument): readonly Problem[] {
  const known = warningsOf.get(document) ?? findWarnings(document);
  warningsOf.set(document, known);
  return known;
}

function findWarnings(document: ManifestDocument): Problem[] {
  const warnings = serverFields(document.object).map((path) => {
    const message = `${path.join('.')} is set by the API server: it is left out; remove it from the file`;
    return at(document, document.lineOf(path), 'SERVER_FIELD_IGNORED', message);
  });
  for (const { path, message } of idleFields(document.object))
    warnings.push(
      at(document, document.lineOf(path), 'FIELD_WITHOUT_EFFECT', `${formatPath(path)} ${message}`),
    );
  const replacement = replacementVersion(document.object);
  if (replacement !== undefined) {
    const message = `apiVersion ${document.object.apiVersion} is deprecated: it means the same as ${replacement}; write that`;
    warnings.push(at(document, document.lineOf(['apiVersion']), 'DEPRECATED_VERSION', message));
  }
  for (const { path, why } of foreignFields(document.object)) {
    const message = `${formatPath(path)} ${why}: left out; remove it from the file`;
    warnings.push(at(document, document.lineOf(path), 'FOREIGN_FIELD_IGNORED', message));
  }
  for (const { path, message } of subjectsElsewhere(document.object))
    warnings.push(at(document, document.lineOf(path), 'SUBJECT_ELSEWHERE', message));
  const mode = document.object.metadata.annotations?.[annotations.drift];
  if (mode !== undefined && !driftModes.some((one) => one === mode)) {
    const message = `the annotation ${annotations.drift} must be ${driftModes.join(', ')}, not ${quote(mode)}: it is left out, and spec.drift of the GitSource counts`;
    const line = document.lineOf(['metadata', 'annotations', annotations.drift]);
    warnings.push(at(document, line, 'DRIFT_MODE_UNKNOWN', message));
  }
  const address =
    ourKind(document.object)?.kind === 'Address' ? textAt(document.object, 'spec', 'address') : undefined;
  const named = address === undefined ? undefined : nameWithoutGaps(address);
  if (address !== undefined && named !== undefined && named !== '') {
    const message = `of all patterns only * and # allow the address ${quote(address)}, since it has nothing before, between or after slashes: name it ${quote(named)}`;
    warnings.push(at(document, document.lineOf(['spec', 'address']), 'ADDRESS_HARD_TO_NAME', message));
  }
  const path = ['spec', 'authentication', 'password'];
  if (ourKind(document.object)?.kind === 'MessagingUser' && textAt(document.object, ...path) !== undefined) {
    const message =
      'a password in git is known to everyone who can read the repository: use passwordSecretRef, or leave it out to have one generated';
    warnings.push(at(document, document.lineOf(path), 'PASSWORD_IN_GIT', message));
  }
  return warnings;
}

function at(
  document: ManifestDocument,
  line: number,
  code: ProblemCode | WarningCode,
  message: string,
): Problem {
  return problemAt({ file: document.file, line }, code, message, refOf(document.object));
}

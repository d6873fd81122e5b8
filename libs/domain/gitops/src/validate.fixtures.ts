import { catalogYaml, documentsOf, inventoryOf, liveOf, owner } from './example.fixtures.js';
import { validateDocuments, type Validation, type ValidationContext } from './validate-documents.js';

export const context: ValidationContext = {
  live: liveOf(catalogYaml),
  inventory: new Map(),
  owner,
  prune: true,
};

/** Judges the documents of a text beside the plans of the example catalog. */
export function validate(text: string, changed: Partial<ValidationContext> = {}): Validation {
  return validateDocuments(documentsOf(text), {
    ...context,
    inventory: inventoryOf(changed.live ?? context.live),
    ...changed,
  });
}

/** `CODE:line` of each problem. */
export function codes(text: string, changed?: Partial<ValidationContext>): string[] {
  return validate(text, changed).problems.map(({ code, line }) => `${code}:${line}`);
}

export function messages(text: string, changed?: Partial<ValidationContext>): string {
  return validate(text, changed)
    .problems.map(({ message }) => message)
    .join('\n');
}

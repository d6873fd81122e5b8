import { kindNames, kinds } from '@samband/resources';
import { stringify } from 'yaml';
import { toCrd } from './crd.js';

const HEADER =
  '# Made by tools/codegen from libs/domain/resources: change the kind there, then run `npm run generate`.\n';

/** Every generated file: path below the repository's root → content. */
export function generatedFiles(): Map<string, string> {
  return new Map(
    kindNames.map((kind) => {
      const crd = toCrd(kinds[kind]);
      const yaml = stringify(crd, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true });
      return [`infra/crds/${crd.metadata.name}.yaml`, HEADER + yaml];
    }),
  );
}

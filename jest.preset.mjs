import { fileURLToPath } from 'node:url';

/** One preset for every project: ESM, TypeScript through swc, workspace packages read from source. */
export const preset = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        sourceMaps: 'inline',
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  setupFilesAfterEnv: [fileURLToPath(new URL('tools/fuzz.setup.mjs', import.meta.url))],
  testEnvironmentOptions: { customExportConditions: ['@samband/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/'],
};

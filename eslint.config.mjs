import { builtinModules } from 'node:module';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Node's own modules are not packages, so the module boundary rule does not see them. */
const nodeBuiltins = builtinModules.flatMap((name) => [name, `node:${name}`]);

const noNest = [{ group: ['@nestjs/*'], message: 'Nest stays in apps/api.' }];

const pure = ['layer:domain'];
const depConstraints = [
  {
    sourceTag: 'layer:domain',
    onlyDependOnLibsWithTags: pure,
    bannedExternalImports: ['@nestjs/*', '@kubernetes/*', '@temporalio/*', 'rhea', 'pino'],
  },
  { sourceTag: 'layer:platform', onlyDependOnLibsWithTags: ['layer:platform'] },
  {
    sourceTag: 'layer:contract',
    onlyDependOnLibsWithTags: pure,
    bannedExternalImports: ['@nestjs/*', '@kubernetes/*', 'rhea', 'pino'],
  },
  {
    sourceTag: 'layer:workflows',
    onlyDependOnLibsWithTags: ['layer:contract', ...pure],
    allowedExternalImports: ['@temporalio/*', '@jest/globals'],
  },
  { sourceTag: 'layer:activities', onlyDependOnLibsWithTags: ['layer:contract', 'layer:platform', ...pure] },
  {
    sourceTag: 'layer:adapter',
    onlyDependOnLibsWithTags: ['layer:adapter', 'layer:platform', 'layer:testing', ...pure],
  },
  { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:platform', ...pure] },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: [
      'layer:contract',
      'layer:workflows',
      'layer:activities',
      'layer:adapter',
      'layer:platform',
      'layer:testing',
      ...pure,
    ],
  },
  {
    // The journeys start the local stack and use the product from outside.
    sourceTag: 'layer:e2e',
    onlyDependOnLibsWithTags: ['layer:tool', 'layer:adapter', 'layer:platform', 'layer:testing', ...pure],
  },
  {
    sourceTag: 'layer:tool',
    onlyDependOnLibsWithTags: [
      'layer:tool',
      'layer:contract',
      'layer:adapter',
      'layer:platform',
      'layer:testing',
      ...pure,
    ],
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.samband/**',
      '.nx/**',
      '**/*.mjs',
      '!tools/bootstrap/**/*.mjs',
      '**/*.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['apps/api/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: noNest }] },
  },
  {
    files: [
      'libs/domain/**/*.ts',
      'libs/provisioning/contract/**/*.ts',
      'libs/provisioning/workflows/**/*.ts',
    ],
    ignores: ['**/*.spec.ts', '**/*.spec-helper.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: nodeBuiltins.map((name) => ({ name, message: 'This room is pure: no Node modules.' })),
          patterns: noNest,
        },
      ],
    },
  },
  {
    files: ['libs/domain/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.spec-helper.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'fetch',
        'setTimeout',
        'setInterval',
        'crypto',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness is passed in.' },
        { object: 'Date', property: 'now', message: 'Time is passed in.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is passed in.',
        },
      ],
    },
  },
  {
    files: ['tools/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tools/bootstrap/**/*.mjs'],
    rules: {
      ...js.configs.recommended.rules,
      'no-console': 'off',
      // These files run before there is a compiler: the types are in comments, some only at a cast, and what is loaded
      // after the build has none yet. `tsc -p tools/bootstrap` checks them.
      'no-undef': 'off',
      'no-unused-vars': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      // A variable set to nothing counts as not set.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.spec-helper.ts'],
    rules: {
      // Specs of any room may start the servers and fakes of libs/testing.
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          depConstraints: depConstraints.map((constraint) => ({
            ...constraint,
            onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'layer:testing'],
          })),
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);

import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'node_modules/**',
      '**/.venv/**',
      'libs/contracts/src/generated/**',
      '**/*.cjs',
      'apps/console/public/**',
      'docs/**/*.js',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' }],
    },
  },
  {
    // Answers over HTTP have no type until they are read: a wrong shape fails the test that reads it.
    files: [
      '**/*.e2e.spec.ts',
      '**/*.browser.spec.ts',
      '**/*.sso.spec.ts',
      'libs/testing/src/product.ts',
      'tools/released/make.program.ts',
    ],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['apps/console/src/**'],
    rules: {
      // All words stand in texts/.
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
        { selector: 'JSXText[value=/\\p{L}{2}/u]', message: 'Words stand in texts/.' },
        {
          selector:
            'JSXAttribute[name.name=/^(label|title|placeholder|hint|lead|text|aria-label|alt)$/] > Literal[value=/\\p{L}{2}/u]',
          message: 'Words stand in texts/.',
        },
      ],
      // The router is told where to go by throwing.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  // Jest and ESLint take these by their default export.
  {
    files: [
      'jest.config.ts',
      'eslint.config.mjs',
      'apps/console/vite.config.ts',
      'libs/testing/src/global-*.ts',
      'libs/testing/count-reporter.mjs',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
);

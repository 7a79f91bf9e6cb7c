import type { Config } from 'jest';

const shared = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2024',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/e2e', '<rootDir>/docs', '<rootDir>/bench', '<rootDir>/tools'],
  coveragePathIgnorePatterns: ['/node_modules/', '/generated/', '<rootDir>/libs/testing/'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '/\\.venv/'],
} satisfies Config;

const servers = {
  globalSetup: '<rootDir>/libs/testing/src/global-setup.ts',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.ts',
};

/** `unit` needs nothing; `int` real PostgreSQL; `e2e` the whole product; `browser` its console in Chromium; `sso`, which `npm test` leaves out, a Keycloak. */
const config: Config = {
  reporters: ['default', '<rootDir>/libs/testing/count-reporter.mjs'],
  coverageProvider: 'v8',
  maxWorkers: 2,
  // A guard against what hangs, the same for all: how long a test takes on a busy machine says nothing.
  testTimeout: 300_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.(int|e2e|browser|sso)\\.spec\\.ts$'],
    },
    { ...shared, ...servers, displayName: 'int', testMatch: ['**/*.int.spec.ts'] },
    { ...shared, ...servers, displayName: 'e2e', testMatch: ['**/*.e2e.spec.ts'] },
    { ...shared, displayName: 'browser', testMatch: ['**/*.browser.spec.ts'] },
    { ...shared, displayName: 'sso', testMatch: ['**/*.sso.spec.ts'] },
  ],
};

export default config;

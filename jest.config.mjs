/**
 * Tests run from source with swc; packages of this repository resolve to their source, so that one
 * class is one class.
 */
export default {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/libs',
    '<rootDir>/services',
    '<rootDir>/tools',
    '<rootDir>/web',
    '<rootDir>/dev',
    '<rootDir>/examples',
  ],
  testMatch: ['**/src/**/*.spec.ts', '<rootDir>/{examples,web}/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  moduleNameMapper: {
    '^@cliptally/messaging/nest$': '<rootDir>/libs/messaging/src/nest.ts',
    '^@cliptally/(access|contracts|event-store|event-store-kurrentdb|messaging|spreadsheets|telemetry)$':
      '<rootDir>/libs/$1/src/index.ts',
    '^@cliptally/(scheduler|scraper|earnings|monitor|relay)$': '<rootDir>/services/$1/src/index.ts',
    '^@cliptally/(cli|import-legacy|ops)$': '<rootDir>/tools/$1/src/index.ts',
    '^@cliptally/contracts/currencies$': '<rootDir>/libs/contracts/src/currencies.ts',
    '^@cliptally/contracts/(api|clip-links)$': '<rootDir>/libs/contracts/src/$1/index.ts',
    '^@cliptally/earnings/rules$': '<rootDir>/services/earnings/src/rules.ts',
    '^@cliptally/ops/audit$': '<rootDir>/tools/ops/src/audit/index.ts',
    '^@cliptally/dev/(.*)$': '<rootDir>/dev/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  // Of tests and hooks alike, for a machine that is starved; what waits for a state gives up after
  // two minutes (dev/src/servers/until.ts).
  testTimeout: 300_000,
  // Most suites wait for servers half of their time.
  maxWorkers: '100%',
  // The modules of a suite stay in memory; a worker of gigabytes spends its time collecting them.
  workerIdleMemoryLimit: '1GB',
  testSequencer: '<rootDir>/dev/jest/sequencer.mjs',
  globalSetup: '<rootDir>/dev/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/dev/jest/global-teardown.mjs',
};

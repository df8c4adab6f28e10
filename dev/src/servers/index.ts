export { MachineError } from './errors.js';
export { findNatsServer, type FindNatsOptions } from './nats-binary.js';
export { startNats, type NatsConfig, type NatsOptions, type RunningNats } from './nats.js';
export { assertPortFree, freePort } from './ports.js';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';
export { testDatabase, testNats, type TestDatabase, type TestNats } from './testing.js';
export { until, type UntilOptions } from './until.js';
export { openWorkspaceDir, type WorkspaceDir } from './workspace.js';

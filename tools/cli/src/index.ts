export { clockHere, runningWorld } from './connection.js';
export type { Context } from './context.js';
export { CliFailure, EXIT, wrongUse } from './failure.js';
export type { LegacyImport, LegacyOptions } from './import/command.js';
export { Progress } from './import/progress.js';
export { money, table, type Output } from './output.js';
export { runCli, type Surroundings } from './program.js';

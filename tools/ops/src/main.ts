import { runCommand } from '@cliptally/telemetry';
import { databaseOfEnvironment } from './connection.js';
import { operate } from './operate.js';

await runCommand((args) => operate(args, databaseOfEnvironment));

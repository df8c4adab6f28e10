import { operate } from '@cliptally/ops';
import { runCommand } from '@cliptally/telemetry';
import { openDatabase } from './connection.js';

await runCommand((args) => operate(args, openDatabase));

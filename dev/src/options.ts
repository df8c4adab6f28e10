import { UsageError } from '@cliptally/telemetry';
import { parseArgs } from 'node:util';

export interface Options {
  once: boolean;
  json: boolean;
  replay: string | undefined;
  speed: number | undefined;
  port: number | undefined;
  soak: string | undefined;
  help: boolean;
}

/** Runs `read`; whatever it finds wrong with what the command line names is a wrong word there. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

export const USAGE = `npm start -- [options]

  Starts PostgreSQL, NATS and all services here, with data in .cliptally/, and runs until Ctrl-C.

  --once          run one cycle (submit, schedule, scrape, settle) in a sample world of its own, and exit
  --json          with --once: the last line is one JSON object {run, requested, recorded, failed, accrued, durationMs}
  --replay DIR    answer scrapes from real view series (CSV files) in DIR instead of generated curves
  --speed N       the simulated clock runs N times as fast as life (720: a day in two minutes; 1 with APIFY_TOKEN)
  --port N        port of the live page (default 8080; the API listens on the next one)
  --soak FILE     write memory, active resources, abort listeners and timers to FILE (CSV) every 10 s, and say at the
                  end whether they are flat; give it half an hour
  --help          this text

  With APIFY_TOKEN set, scrapes are real and cost money; without it, a stand-in of Apify answers.`;

export function readOptions(args: string[]): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        replay: { type: 'string' },
        speed: { type: 'string' },
        port: { type: 'string' },
        soak: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. See npm start -- --help.`);
  }
  if (values.json && !values.once)
    throw new UsageError('--json goes with --once: a sample world that runs on has no last line.');
  if (values.soak !== undefined && values.once)
    throw new UsageError('--soak goes without --once: one cycle is too short to grow in.');
  return {
    once: values.once,
    json: values.json,
    replay: values.replay,
    speed: values.speed === undefined ? undefined : number('--speed', values.speed, 0.001, 100_000),
    port:
      values.port === undefined ? undefined : Math.floor(number('--port', values.port, 1, 65_534)),
    soak: values.soak,
    help: values.help,
  };
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= from && value <= to))
    throw new UsageError(`${name} must be a number from ${from} to ${to}, but it is "${text}".`);
  return value;
}

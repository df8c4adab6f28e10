import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseClock } from '@cliptally/contracts';
import { UsageError, runCommand } from '@cliptally/telemetry';
import { reading } from '../options.js';
import {
  Fault,
  generatedCurves,
  replayCurves,
  startApifyStandIn,
  type StandInOptions,
} from './index.js';

const Amount = z.int().nonnegative();
const Price = z.strictObject({
  startMicroUsd: Amount,
  resultMicroUsd: Amount,
  minimumMicroUsd: Amount,
});
const Limits = z.strictObject({
  maxMonthlyUsageUsd: z.number(),
  maxConcurrentActorJobs: Amount,
  cycleDay: z.int().min(1).max(28),
});
const Config = z.strictObject({
  token: z.string().min(1).optional(),
  seed: z.string().optional(),
  faults: z.array(Fault).optional(),
  prices: z.record(z.string(), Price.partial()).optional(),
  limits: Limits.partial().optional(),
});

const HELP = `Runs the local stand-in of Apify's API.
  --port N            port to listen on (default 8088; 0 picks a free one)
  --host ADDRESS      address to listen on (default 127.0.0.1)
  --replay DIR        replay the view curves of the CSV files in DIR instead of made-up ones
  --world-start TIME  when the world began (UTC); the same start continues the same curves (default: now)
  --config FILE       JSON with token, seed, faults, prices, limits
  --state FILE        keep the account's runs and costs here over a restart
CLOCK="<world ms>@<real ms>x<speed>" sets the clock; without it, it is the machine's own.`;

async function main(args: string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8088' },
      host: { type: 'string', default: '127.0.0.1' },
      replay: { type: 'string' },
      'world-start': { type: 'string' },
      config: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port must be a number from 0 to 65535, but it is "${flags.port}".`);
  const clock = parseClock(process.env['CLOCK']);
  const worldStart =
    flags['world-start'] === undefined ? clock.now() : new Date(flags['world-start']);
  if (Number.isNaN(worldStart.getTime()))
    throw new UsageError(
      `--world-start must be an instant such as 2026-01-31T00:00:00Z, but it is "${flags['world-start']}".`,
    );
  const { replay } = flags;
  const config = flags.config === undefined ? {} : readConfig(flags.config);

  const standIn = await startApifyStandIn({
    ...config,
    port,
    host: flags.host,
    clock,
    curves:
      replay === undefined
        ? generatedCurves({ worldStart })
        : reading(() => replayCurves(replay, worldStart)),
    stateFile: flags.state,
  });
  console.log(
    `The Apify stand-in answers at ${standIn.url}, in a world that began at ${worldStart.toISOString()}.`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void standIn.close());
  return 0;
}

function readConfig(path: string): Pick<StandInOptions, keyof z.output<typeof Config>> {
  try {
    return Config.parse(JSON.parse(readFileSync(path, 'utf8'))) as Pick<
      StandInOptions,
      keyof z.output<typeof Config>
    >;
  } catch (error) {
    throw new UsageError(
      `--config ${path}: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

await runCommand(main);

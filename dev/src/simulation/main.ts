import { UsageError, runCommand } from '@cliptally/telemetry';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startPostgres } from '../servers/index.js';

const USAGE = `npm run simulate -- [--seeds N] [--from SEED] | --seed SEED

  --seeds N      N seeds, 200 without it; ends at the first that fails, with one line: the seed and the first difference
  --from SEED    the first of them, 1 without it
  --seed SEED    this seed alone, exactly as before, with every call that was made`;

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text))
    throw new UsageError(`"${text}" is not a whole number below 1,000,000,000.\n\n${USAGE}`);
  return Number(text);
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const [seeds, from] =
    values.seed === undefined
      ? [wholeNumber(values.seeds, 200), wholeNumber(values.from, 1)]
      : [1, wholeNumber(values.seed, 1)];
  const { simulate } = await import('./world.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-simulation-'));
  const postgres = await startPostgres({ dataDir, durable: false });
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  let [events, lines, faults] = [0, 0, 0];
  try {
    for (let seed = from; seed < from + seeds; seed++) {
      try {
        const outcome = await simulate(seed, client);
        if (values.seed !== undefined) process.stdout.write(`${outcome.trace.join('\n')}\n`);
        events += Object.values(outcome.events).reduce((sum, count) => sum + count, 0);
        lines += outcome.lines;
        faults += outcome.faults;
      } catch (error) {
        if (values.seed !== undefined)
          process.stdout.write(`${(error as { trace?: string[] }).trace?.join('\n') ?? ''}\n`);
        process.stdout.write(
          `seed ${seed} failed: ${(error as Error).message.replaceAll('\n', ' ')}\n`,
        );
        return 1;
      }
      if ((seed - from) % 100 === 99) process.stderr.write(`${seed - from + 1} seeds\n`);
    }
    process.stdout.write(
      `${seeds} seeds without a finding: ${events} events, ${lines} lines of earnings computed again, ${faults} crashes and lost or refused calls.\n`,
    );
    return 0;
  } finally {
    await client.end();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await runCommand(main);

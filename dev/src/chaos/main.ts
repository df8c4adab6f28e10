import { UsageError, runCommand } from '@cliptally/telemetry';
import { parseArgs } from 'node:util';
import { FAMILIES, type Fault } from './machines/fault.js';
import { FAULTS } from './machines/faults/index.js';
import { lineOf, objectOf, writeReport } from './machines/report.js';
import { Run, isSound, type Outcome } from './machines/run.js';

const USAGE = `npm run chaos -- [options]

  Starts every service, PostgreSQL and nats-server as processes of their own, breaks them, and after each fault waits
  until nothing is behind, audits the log and checks the invariants. The results are written to docs/reliability.md.

  --list           name the faults and exit
  --only WORD      faults whose name or family has this word; may be given several times
  --seed N         another seed makes other choices; 1 by default, and the same one makes the same choices
  --rounds N       each fault so many times; 1 by default
  --json           one JSON object on the last line, and no change of docs/reliability.md
  --help           this text

Exit status: 0 nothing was lost, doubled or different; 1 something was; 64 wrong words.`;

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`${name} must be a whole number from 1 up, but it is "${text}".`);
  return Number(text);
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const { only, json } = values;
  const seed = wholeNumber('--seed', values.seed);
  const rounds = wholeNumber('--rounds', values.rounds);
  const chosen = FAULTS.filter(chosenBy(only));
  if (values.list) {
    for (const { name, family, what } of chosen) say(`${name.padEnd(34)} ${FAMILIES[family]}: ${what}`); // prettier-ignore
    return 0;
  }
  const outcomes = await tryAll(chosen, seed, rounds, async (all) => {
    if (json) return;
    say(lineOf(all.at(-1)!));
    // One that is interrupted has written what it knows.
    await writeReport(all, seed);
  });
  if (json) say(JSON.stringify({ seed, rounds, faults: outcomes.map(objectOf) }));
  return outcomes.every(isSound) ? 0 : 1;
}

/** A whole name is that fault alone; any other word may be a family or a part of names. */
function chosenBy(words: readonly string[]): (fault: Fault) => boolean {
  const each = words.map((word) => {
    const exact = FAULTS.some(({ name }) => name === word);
    const fits = ({ name, family }: Fault) =>
      name === word || (!exact && (family === word || name.includes(word)));
    if (!FAULTS.some(fits))
      throw new UsageError(`No fault is named "${word}": npm run chaos -- --list names them.`);
    return fits;
  });
  return (fault) => each.length === 0 || each.some((fits) => fits(fault));
}

/** In one world, as long as it is sound: what is wrong once would show in all that follow. */
async function tryAll(
  chosen: readonly Fault[],
  seed: number,
  rounds: number,
  done: (outcomes: readonly Outcome[]) => Promise<void>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let run: Run | null = null;
  let begun = '';
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupted.abort());
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const fault of chosen) {
        if (interrupted.signal.aborted) return outcomes;
        const kind = JSON.stringify(fault.world ?? {});
        if (run && kind !== begun) run = await closed(run);
        begun = kind;
        run ??= await Run.begin(seed, fault.world);
        const outcome = await run.try(fault, round);
        outcomes.push(outcome);
        await done(outcomes);
        if (isSound(outcome)) continue;
        process.stderr.write(`${run.said()}\n`);
        run = await closed(run);
      }
    }
    return outcomes;
  } finally {
    await run?.close();
  }
}

async function closed(run: Run): Promise<null> {
  await run.close();
  return null;
}

await runCommand(main);

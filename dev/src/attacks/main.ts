import { parseArgs } from 'node:util';
import { ATTACKERS, lineOf, tryAll, type Outcome } from './attack.js';
import { ATTACKS } from './index.js';
import { guardedServers } from './servers.js';
import { startTarget } from './target.js';

const HELP = `npm run attack [-- --json] [-- --only <word>]

Starts the services on servers of their own, and tries to break what SECURITY.md promises.
  --json         one JSON object for programs
  --only <word>  only attacks whose line has this word

Exit status: 0 each promise was held or is named as open, 1 one is broken.
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await attack();

async function attack(): Promise<number> {
  const { only = '', json } = values;
  const chosen = ATTACKS.filter(({ who, promise, name }) => `${ATTACKERS[who]} ${promise} ${name}`.includes(only)); // prettier-ignore
  const target = await startTarget(await guardedServers());
  try {
    const tried = await tryAll(chosen, target, (one) => json || process.stdout.write(`${lineOf(one)}\n`)); // prettier-ignore
    const count = (outcome: Outcome) => tried.filter((one) => one.outcome === outcome).length;
    const sums = { held: count('held'), open: count('open'), broken: count('broken') };
    if (json) {
      const attacks = tried.map(({ attack: { who, promise, name, open }, outcome, what }) => ({ who, promise, name, outcome, what, ...(open && { open }) })); // prettier-ignore
      process.stdout.write(`${JSON.stringify({ ...sums, attacks }, null, 2)}\n`);
    } else process.stdout.write(`\n${sums.held} held, ${sums.open} open, ${sums.broken} broken\n`);
    return sums.broken > 0 ? 1 : 0;
  } finally {
    await target.close();
  }
}

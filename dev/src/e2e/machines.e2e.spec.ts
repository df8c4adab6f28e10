import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { LEASE_TAKEOVER_MS } from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../chaos/machines/fault.js';
import { FAULTS } from '../chaos/machines/faults/index.js';
import { lineOf } from '../chaos/machines/report.js';
import { Run, isSound } from '../chaos/machines/run.js';

/** `npm run chaos` does the others, each by itself, and judges after each. */
const SHORT = [
  'kill-nats-server-and-postgresql',
  'kill-scraper-and-relay',
  'stop-projector-of-two',
  'deleted-stream',
];
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_130);

/** One after the other, without a rest between them. */
const together: Fault = {
  name: 'short',
  family: 'kills',
  what: SHORT.join(', '),
  async strike(...given) {
    const struck: string[] = [];
    for (const name of SHORT)
      struck.push(await FAULTS.find((fault) => fault.name === name)!.strike(...given));
    return struck.join(', ');
  },
};

describe('every service, PostgreSQL and nats-server as processes, under load', () => {
  let run: Run;
  beforeAll(async () => {
    run = await Run.begin(SEED);
  });
  afterAll(() => run?.close());

  it('lose nothing, double nothing and pay what is due, whatever is killed, stopped and deleted', async () => {
    const outcome = await run.try(together, 1);
    const said = isSound(outcome) ? '' : run.said();
    expect(`${lineOf(outcome)}\n${said}`).toMatch(/^sound .* 0 lost, 0 doubled, 0 differ; /);
  });

  it('are judged by what can fail', async () => {
    const { world } = run;
    const wrong = async () => {
      const { checks } = await run.judge();
      return checks.flatMap(({ what, lost, twice, differs }) => lost + twice + differs > 0 ? [what] : []); // prettier-ignore
    };
    await run.rest();
    expect(await wrong()).toEqual([]);
    const { state } = await world.jetStream.manager.streams.info(JETSTREAM_STREAM);
    await world.jetStream.manager.streams.deleteMessage(JETSTREAM_STREAM, state.last_seq - 5);
    world.stripe.transfers.at(-1)!.amount++;
    await world.pool.query(`update monitor.outcome_totals set scrapes = scrapes + 1 where ctid = (select ctid from monitor.outcome_totals limit 1)`); // prettier-ignore
    await world.pool.query(`update earnings.ledger set amount = amount + 1 where (position, line) = (select position, line from earnings.ledger where kind = 'accrued' limit 1)`); // prettier-ignore
    expect(await wrong()).toEqual([
      'Lines of the ledger',
      'Events in JetStream',
      'Payouts by their transfers',
      'Sums that are shown',
      'Projections by their rebuilds',
    ]);
  });

  it('pass a lease on in less than ten seconds, by what they are set to', () => {
    expect(LEASE_TAKEOVER_MS).toBeLessThan(10_000);
  });
});

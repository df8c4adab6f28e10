import { derivedId, newEvent, streams, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { MemoryEventStore, WrongExpectedRevision } from '@cliptally/event-store';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { appendsOf, at, type StreamDecision } from '../commands/decision.js';
import { Prefixes, type Fault } from '../testing/prefixes.js';
import { EMPTY_BALANCE } from './balance.js';
import { decideHold, decideRelease, decideRejection } from './clip-review.js';
import type { ClipFact } from './clip.js';
import { isClipFact, record, type LedgerFact } from './ledger.js';
import { decideMove } from './move.js';
import { decideOutsidePayment } from './outside-payment.js';
import {
  decidePayoutApproval,
  decidePayoutFailure,
  decidePayoutPaid,
  decidePayoutRejection,
  decidePayoutRequest,
} from './payout.js';
import { decideReversal } from './reversal.js';
import { RuleBroken } from './rule-broken.js';
import { settle } from './settlement.js';
import { accepted, ADMIN, CAMPAIGN, launched, observed, on } from './testing/facts.js';
import { post } from './testing/ledger.js';
import { MemoryLedger } from './memory-ledger.js';
import { runs } from './testing/runs.js';

const CLIP = 'tiktok-a';
const NOW = new Date(on(5));
const CONTEXT = { time: NOW, correlationId: 'race', causationId: 'race' };
/** Facts that are there for the expected revision of their stream alone. */
const MARKS = new Set<string>(['CreatorEarningsReversed', 'PayoutIdTaken']);
const NOTICES = new Set<string>([
  ...MARKS,
  'CampaignClipHeld',
  'CampaignClipReleased',
  'CampaignClipMoved',
]);

/** The tables at one position of the log: what a decision reads. */
interface Tables {
  ledger: MemoryLedger;
  position: number;
  revisionOf: (stream: string) => number;
  /** Of the clip. */
  history: readonly ClipFact[];
}

/** Decides on the tables, and names the streams that the decision rests on. */
type Decide = (tables: Tables) => StreamDecision[];

const inClip = (decide: (ledger: MemoryLedger) => StreamDecision['events']): Decide => ({ ledger, revisionOf }) => [
  { stream: streams.clip(CLIP), expected: at(revisionOf(streams.clip(CLIP))), events: decide(ledger) },
]; // prettier-ignore
const inCampaign = (decide: (ledger: MemoryLedger) => StreamDecision['events']): Decide => ({ ledger, revisionOf }) => [
  { stream: streams.campaign(CAMPAIGN), expected: at(revisionOf(streams.campaign(CAMPAIGN))), events: decide(ledger) },
]; // prettier-ignore
const inPayouts = (creatorId: string, decide: (ledger: MemoryLedger) => StreamDecision['events']): Decide => ({ ledger, revisionOf }) => [
  { stream: streams.payout(creatorId), expected: at(revisionOf(streams.payout(creatorId))), events: decide(ledger) },
]; // prettier-ignore

const entry = (ledger: MemoryLedger) => ledger.entry(CLIP, CAMPAIGN)!;
const balance = (ledger: MemoryLedger, creatorId: string) =>
  ledger.lines.filter((line) => line.creatorId === creatorId).reduce(post, EMPTY_BALANCE);
const request = (payoutId: string, creatorId: string, amount: number) =>
  inPayouts(creatorId, (ledger) =>
    decidePayoutRequest(
      ledger.payout(payoutId),
      balance(ledger, creatorId),
      { payoutId, creatorId, currency: 'USD', amount },
      [ledger.campaign(CAMPAIGN)!],
      NOW,
    ),
  );
const paid = (ledger: MemoryLedger) =>
  decidePayoutPaid(
    ledger.payout('asked')!,
    balance(ledger, 'ann'),
    { externalReference: 'bank', by: ADMIN },
    NOW,
  );

/**
 * Ann has 20.00 USD and asks for 20.00 of it, which is approved; 30.00 more are due to her clip,
 * and 20.00 to Bob's.
 */
const DECISIONS: Record<string, Decide> = {
  settle: inCampaign((ledger) => {
    const clips = new Map([...ledger.entries].map(([clipId, own]) => [clipId, own.get(CAMPAIGN)!]));
    const decision = settle({ campaign: ledger.campaign(CAMPAIGN)!, clips, scrapesOutstanding: 0 }, NOW);
    return decision.kind === 'settle' ? decision.events : [];
  }),
  'take all back': inCampaign((ledger) => decideReversal(entry(ledger), ledger.campaign(CAMPAIGN)!, { amount: 'all', reason: 'bots', by: ADMIN })),
  'take some back': inCampaign((ledger) => decideReversal(entry(ledger), ledger.campaign(CAMPAIGN)!, { amount: 500, reason: 'bots', by: ADMIN })),
  hold: inClip((ledger) => decideHold(entry(ledger), { reason: 'odd', reviewAt: on(28), by: ADMIN }, NOW)),
  release: inClip((ledger) => decideRelease(entry(ledger), { by: ADMIN })),
  reject: inClip((ledger) => decideRejection(entry(ledger), { reason: 'no', by: ADMIN })),
  pay: inPayouts('ann', paid),
  fail: inPayouts('ann', (ledger) => decidePayoutFailure(ledger.payout('asked')!, { reason: 'came back', by: ADMIN })),
  approve: inPayouts('ann', (ledger) => decidePayoutApproval(ledger.payout('open')!, balance(ledger, 'ann'), { by: ADMIN }, NOW)),
  refuse: inPayouts('ann', (ledger) => decidePayoutRejection(ledger.payout('open')!, { reason: 'no', by: ADMIN })),
  move: ({ ledger, revisionOf, history }) => {
    const campaigns = [ledger.campaign(CAMPAIGN)!, ledger.campaign('right')!] as const;
    const decided = decideMove([...ledger.entriesOf(CLIP)], entry(ledger), history, campaigns, { reason: 'wrong one', by: ADMIN });
    const on = (stream: string, events: StreamDecision['events']) => ({ stream, expected: at(revisionOf(stream)), events });
    return [on(streams.campaign(CAMPAIGN), decided.from), on(streams.clip(CLIP), decided.clip), on(streams.campaign('right'), [])];
  },
  'pay outside': inPayouts('ann', (ledger) => decideOutsidePayment(ledger.payout('hand'), null, balance(ledger, 'ann'), { payoutId: 'hand', creatorId: 'ann', currency: 'USD', amount: 300, externalReference: 'cash', by: ADMIN }, NOW)),
  'ask as ann': request('shared', 'ann', 400),
  'ask as bob': request('shared', 'bob', 400),
}; // prettier-ignore

/**
 * The runner of the product in small: reads the tables, which may be behind; decides; appends in
 * one; decides again if it was too late.
 */
class Runner {
  readonly store = new MemoryEventStore();
  #commands = 0;

  /**
   * Without notices each decision is guarded on its own stream only, as it was before
   * (docs/decisions/0013).
   */
  constructor(
    readonly guarded: boolean,
    readonly name = 'race',
  ) {}

  /** The log that every race begins with. */
  static async beginning(): Promise<AnyEvent[]> {
    const runner = new Runner(true, 'beginning');
    await runner.#begin();
    return runner.log();
  }

  async #begin(): Promise<void> {
    const facts = [
      launched({ budget: 6_000, validationDays: 0, exclusive: false }),
      launched({ budget: 9_000, validationDays: 0, exclusive: false }, 'right'),
      ...accepted(CLIP),
      ...accepted('tiktok-b', { creatorId: 'bob' }),
      observed(CLIP, 10_000, on(2)),
      observed('tiktok-b', 5_000, on(2)),
    ];
    for (const { id, type, data, time } of facts as unknown as AnyEvent[]) {
      const stream = 'clipId' in data ? streams.clip(data.clipId) : streams.campaign((data as { campaignId: string }).campaignId);
      await this.store.append(stream, [newEvent(type, id, data, { ...CONTEXT, time }) as NewEvent], 'any');
    }
    await this.carryOut(DECISIONS['settle']!);
    await this.carryOut(request('asked', 'ann', 1_000));
    await this.carryOut(inPayouts('ann', (ledger) => decidePayoutApproval(ledger.payout('asked')!, balance(ledger, 'ann'), { by: ADMIN }, NOW)));
    await this.carryOut(request('open', 'ann', 600));
    for (const [clipId, views] of [[CLIP, 25_000], ['tiktok-b', 15_000]] as const) {
      const { id, type, data } = observed(clipId, views, on(4));
      await this.store.append(streams.clip(clipId), [newEvent(type, id, data, CONTEXT) as NewEvent], 'any');
    }
  } // prettier-ignore

  async log(): Promise<AnyEvent[]> {
    return Array.fromAsync(this.store.readAll(0));
  }

  async #tables(behind: number): Promise<Tables> {
    const log = await this.log();
    const applied = log.slice(0, log.length - behind);
    const ledger = new MemoryLedger();
    for (const event of applied)
      if (!MARKS.has(event.type)) record(ledger, event as AnyEvent & LedgerFact);
    const revisionOf = (stream: string) =>
      applied.findLast((event) => event.stream === stream)?.revision ?? -1;
    const history = applied.filter(isClipFact).filter(({ data }) => data.clipId === CLIP);
    return { ledger, position: applied.at(-1)?.position ?? 0, revisionOf, history };
  }

  /** `turn` gives the others a turn. Gives whether something was appended. */
  async carryOut(
    decide: Decide,
    turn: () => Promise<void> = async () => {},
    behind = 0,
  ): Promise<boolean> {
    const id = derivedId(this.name, this.#commands++);
    for (let attempt = 0; attempt < 5; attempt++) {
      await turn();
      const tables = await this.#tables(attempt === 0 ? behind : 0);
      let appends = [];
      try {
        appends = appendsOf(decide(tables), {
          ...CONTEXT,
          id: derivedId(id, attempt),
          position: tables.position,
        });
      } catch (error) {
        if (error instanceof RuleBroken) return false;
        throw error;
      }
      if (!this.guarded)
        appends = appends.filter(({ events }) => !events.every(({ type }) => NOTICES.has(type)));
      await turn();
      try {
        return (await this.store.appendMany(appends)).length > 0;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
      }
    }
    return false;
  }
}

let begun: Promise<AnyEvent[]> | undefined;
const names = fc.constantFrom(...Object.keys(DECISIONS));
const racers = fc.array(fc.record({ name: names, behind: fc.nat({ max: 3 }) }), {
  minLength: 2,
  maxLength: 4,
});

/**
 * The faults of the log that these decisions leave when they are made at once, in an order of the
 * scheduler's.
 */
async function race(
  scheduler: fc.Scheduler,
  of: readonly { name: string; behind: number }[],
  guarded: boolean,
) {
  const runner = new Runner(guarded);
  const beginning = await (begun ??= Runner.beginning());
  for (const event of beginning) await runner.store.append(event.stream, [event], 'any');
  const racing = of.map(({ name, behind }, i) =>
    runner.carryOut(
      DECISIONS[name]!,
      () => scheduler.schedule(Promise.resolve(), `${name} ${i}`),
      behind,
    ),
  );
  await scheduler.waitFor(Promise.all(racing));
  return { runner, prefixes: new Prefixes(await runner.log()) };
}

describe('decisions that are made at once', () => {
  it('keep every invariant of money at every position of the log, whatever their order, on tables that may be behind', async () => {
    const property = fc.asyncProperty(fc.scheduler(), racers, async (scheduler, of) => {
      const { runner, prefixes } = await race(scheduler, of, true);
      expect(prefixes.faults).toEqual([]);
      // Each step of a payout follows the one before, and no decision was made twice.
      for (const payoutId of ['asked', 'open', 'shared']) {
        const steps = (await runner.log()).filter(({ type, data }) => /^Payout(?!IdTaken)/.test(type) && 'payoutId' in data && data.payoutId === payoutId);
        const course = steps.map(({ type }) => type.slice('Payout'.length)).join(' ');
        expect(course).toMatch(/^(Requested( Rejected| Approved( Paid| Failed)?)?)?$/);
      }
    });
    await fc.assert(property, { numRuns: Math.ceil(runs() / 3) });
  }, 120_000); // prettier-ignore

  it('break three of them if each is guarded on its own stream only: the schedules find what has to be found', async () => {
    const found = new Set<Fault>();
    const property = fc.asyncProperty(fc.scheduler(), racers, async (scheduler, of) => {
      const { prefixes } = await race(scheduler, of, false).catch(() => ({
        prefixes: { faults: [{ fault: 'sums' as const }] },
      }));
      for (const { fault } of prefixes.faults) found.add(fault);
    });
    // The same schedules each time: a search that is lucky proves nothing.
    await fc.assert(property, { numRuns: 400, seed: 20_261_129 });
    expect([...found]).toEqual(
      expect.arrayContaining(['overpaid', 'accrued while held', 'payout id taken']),
    );
  }, 120_000);
});

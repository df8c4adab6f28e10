import { CampaignFold } from './campaign.js';
import {
  MOST,
  amountOf,
  decidedAtOf,
  isIn,
  linesOf,
  textOf,
  wholeOf,
  type Cut,
  type Fact,
  type RawEvent,
  type Report,
} from './events.js';
import { checkFees } from './fees.js';
import { Moves } from './moves.js';
import { judgeReversalByPerson } from './judge-lines.js';
import { isSettlement, judgeSettlement, type Append } from './judge-settlement.js';
import { Trail, type Window } from './trail.js';

export interface CampaignOptions {
  window: Window;
  report: Report;
  cutOf: (event: RawEvent, ordinal: number) => Cut | null;
}

/** What may stand in one append of a settlement. */
const ORDER = ['EarningsReversed', 'EarningsAccrued', 'CampaignBudgetExhausted'];
const BESIDE = ['CampaignClipHeld', 'ClipSettlementFailed'];

/** Events of one append in the campaign's stream, from its first on. */
interface Group {
  facts: Fact[];
  /** The event of the campaign's stream before it. */
  before: Fact | null;
}

interface Campaign {
  now: CampaignFold;
  trail: Trail<CampaignFold>;
  last: Fact | null;
  group: Group | null;
}

/** Sections 1 to 6 of docs/money.md, by campaign. */
export class Campaigns {
  readonly #campaigns = new Map<string, Campaign>();
  readonly #moves = new Moves();
  readonly #ofClip = new Map<string, Set<string>>();
  readonly #options: CampaignOptions;
  recomputed = 0;
  /** Lines that say no position, and lines that were decided further back than the window. */
  undated = 0;
  tooOld = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  /** Each campaign as the log leaves it. */
  folds(): Map<string, CampaignFold> {
    return new Map([...this.#campaigns].map(([id, { now }]) => [id, now]));
  }

  foldOf(campaignId: string): CampaignFold | null {
    return this.#campaigns.get(campaignId)?.now ?? null;
  }

  termsOf(campaignId: string) {
    const now = this.#campaigns.get(campaignId)?.now;
    return now?.terms ? { ...now.terms, endsAt: Math.min(now.terms.endsAt, now.endedAt) } : null;
  }

  /** An event of a campaign's stream. */
  take(fact: Fact): void {
    const { event } = fact;
    const campaign = this.#campaignOf(textOf(event.data, 'campaignId'));
    if (!this.#joins(campaign, fact)) {
      this.#judge(campaign);
      campaign.group = { facts: [fact], before: campaign.last };
    } else campaign.group!.facts.push(fact);
    campaign.last = fact;
    this.#checkEvent(campaign, event);
    if (event.type === 'CampaignClipMoved') this.#checkMoved(campaign.now, event);
    this.#apply(campaign, fact);
    this.#checkLimits(campaign.now, event);
    this.#checkCreators(campaign.now, event);
  }

  /** An event of a clip's stream or a scrape request. */
  takeOfClip(fact: Fact): void {
    const { event } = fact;
    const [clipId, campaignId] = [textOf(event.data, 'clipId'), textOf(event.data, 'campaignId')];
    if (event.type === 'ClipApproved' && event.data['moved']) this.#judgeMove(fact);
    this.#moves.take(event);
    if (event.type === 'ClipSubmitted') {
      const campaigns = this.#ofClip.get(clipId) ?? new Set();
      this.#ofClip.set(clipId, campaigns.add(campaignId));
    }
    let concerned: Iterable<string> = this.#ofClip.get(clipId) ?? [];
    if (campaignId) concerned = [campaignId];
    else if (event.type === 'ClipTrackingRequested') {
      const named = (event.data['campaignIds'] ?? []) as string[];
      concerned = [...concerned].filter((id) => named.includes(id));
    }
    for (const id of concerned) this.#apply(this.#campaignOf(id), slim(fact));
  }

  #judgeMove(fact: Fact): void {
    const { clipId, campaignId, moved } = fact.event.data;
    const from = this.#campaignOf(textOf(moved as Record<string, unknown>, 'from'));
    const entry = from.now.entries.get(clipId as string);
    const { now } = this.#campaignOf(campaignId as string);
    this.#moves.judge(fact, entry, now, this.#options.report);
  }

  end(): void {
    for (const campaign of this.#campaigns.values()) this.#judge(campaign);
  }

  #campaignOf(campaignId: string): Campaign {
    const there = this.#campaigns.get(campaignId);
    if (there) return there;
    const { window } = this.#options;
    const fresh: Campaign = {
      now: new CampaignFold(),
      trail: new Trail(new CampaignFold(), window),
      last: null,
      group: null,
    };
    this.#campaigns.set(campaignId, fresh);
    return fresh;
  }

  #apply({ now, trail }: Campaign, fact: Fact): void {
    now.apply(fact);
    trail.push(fact);
  }

  #joins({ group, last }: Campaign, { event, place }: Fact): boolean {
    if (!group || !last || last.event.time !== event.time) return false;
    const beside = BESIDE.includes(event.type);
    if (!beside && !isSettlement(event)) return false;
    if (!group.facts.every((one) => isSettlement(one.event) || BESIDE.includes(one.event.type)))
      return false;
    const settlements = group.facts
      .filter((one) => isSettlement(one.event))
      .map((one) => one.event);
    // A notice or a failure says no position: it belongs to the append if it stands right beside
    // the rest of it.
    if (beside || settlements.length === 0) return isNear(last.place.ordinal, place.ordinal);
    const [first] = settlements as [RawEvent];
    if (decidedAtOf(first) !== decidedAtOf(event) || first.causationId !== event.causationId)
      return false;
    return settlements.every(
      ({ type }) =>
        ORDER.indexOf(type) <= ORDER.indexOf(event.type) && type !== 'CampaignBudgetExhausted',
    );
  }

  #judge(campaign: Campaign): void {
    const { group } = campaign;
    campaign.group = null;
    if (!group) return;
    const decisions = group.facts.filter(
      ({ event }) => isSettlement(event) || event.type === 'EarningsReversed',
    );
    const first = decisions[0];
    if (!first) return;
    const lines = decisions.reduce((sum, { event }) => sum + linesOf(event).length, 0);
    const decidedAt = decidedAtOf(first.event);
    if (decidedAt === null) {
      this.undated += lines;
      return;
    }
    const { report, cutOf } = this.#options;
    const cut = cutOf(first.event, group.facts[0]!.place.ordinal);
    if (!cut) return;
    const { before } = group;
    if (before && !isIn(before.place, cut)) {
      report(first.event, 'something came into the campaign stream between the decision and its event', `no event of ${first.event.stream} after ${decidedAt}`, `${before.event.type} at position ${before.event.position}`, [before.event]); // prettier-ignore
      return;
    }
    const then = campaign.trail.at(cut);
    if (!then) {
      this.tooOld += lines;
      return;
    }
    this.recomputed += isSettlement(first.event)
      ? judgeSettlement(then, appendOf(group), report)
      : judgeReversalByPerson(then, first.event, report);
  }

  /** What an event says is right in itself and fits the campaign. */
  #checkEvent({ now }: Campaign, event: RawEvent): void {
    const { report } = this.#options;
    if (event.type === 'CampaignToppedUp' && wholeOf(event.data['amount']) === null)
      report(
        event,
        'the amount is no exact whole number',
        'a whole number of minor units',
        event.data['amount'],
      );
    if (event.type !== 'EarningsAccrued' && event.type !== 'EarningsReversed') return;
    const dated = decidedAtOf(event) !== null;
    if (now.terms && event.data['currency'] !== now.terms.currency)
      report(
        event,
        'the currency is not that of the campaign',
        now.terms.currency,
        event.data['currency'],
      );
    let sum = 0n;
    for (const line of linesOf(event)) {
      const clipId = textOf(line, 'clipId');
      const amount = wholeOf(line['amount']);
      sum += amount ?? 0n;
      if (amount === null)
        report(
          event,
          `the amount of ${clipId} is no exact whole number`,
          'a whole number of minor units',
          line['amount'],
        );
      else if (dated && amount === 0n)
        report(event, `the line of ${clipId} is of 0`, 'no line', 'a line of 0');
      const entry = now.entries.get(clipId);
      if (!entry)
        report(event, `${clipId} is not in the campaign`, 'a clip of the campaign', clipId);
      else if (entry.creatorId !== line['creatorId'])
        report(
          event,
          `the line of ${clipId} names another creator`,
          entry.creatorId,
          line['creatorId'],
          [`clip-${clipId}`],
        );
      if (event.type !== 'EarningsAccrued') continue;
      if (amount !== null && amount > amountOf(line, 'due'))
        report(
          event,
          `${clipId} gets more than it is due`,
          `at most ${amountOf(line, 'due')}`,
          amount,
        );
      if (dated && entry?.held)
        report(
          event,
          `${clipId} accrues while it is held`,
          'no line between ClipHeld and ClipReleased',
          `a line of ${amount}`,
          [`clip-${clipId}`],
        );
    }
    if (wholeOf(event.data['total']) !== sum)
      report(event, 'the total is not the sum of the lines', sum, event.data['total']);
    checkFees(now, event, report);
  }

  /** A clip that has left a campaign leaves all its earnings there. */
  #checkMoved(now: CampaignFold, event: RawEvent): void {
    if (event.data['campaignId'] !== event.data['from']) return;
    const clipId = textOf(event.data, 'clipId');
    const had = now.entries.get(clipId)?.had ?? 0n;
    if (had !== 0n)
      this.#options.report(event, `${clipId} was moved and keeps earnings here`, 0n, had);
  }

  /** What a creator has by all clips, within the campaign's limit for one. */
  #checkCreators(now: CampaignFold, event: RawEvent): void {
    const cap = now.terms?.creatorCap ?? null;
    if (cap === null || event.type !== 'EarningsAccrued') return;
    for (const creatorId of new Set(linesOf(event).map((line) => textOf(line, 'creatorId')))) {
      let had = 0n;
      for (const entry of now.entries.values()) if (entry.creatorId === creatorId) had += entry.had;
      if (had > cap)
        this.#options.report(event, `${creatorId} has more than the most for a creator`, `at most ${cap}`, had); // prettier-ignore
    }
  }

  /** Invariant 1, and what no prefix of any log may break. */
  #checkLimits(now: CampaignFold, event: RawEvent): void {
    const { report } = this.#options;
    if (now.budget > MOST)
      report(event, 'the budget is no longer exact', `at most ${MOST}`, now.budget);
    if (event.type !== 'EarningsAccrued' && event.type !== 'EarningsReversed') return;
    if (now.accrued > MOST)
      report(event, 'the sum of the campaign is no longer exact', `at most ${MOST}`, now.accrued);
    if (now.remaining < 0n)
      report(
        event,
        'accrued less reversed passes the budget',
        `at most ${now.budget}`,
        now.accrued - now.reversed + now.onTop,
      );
    for (const clipId of new Set(linesOf(event).map((line) => textOf(line, 'clipId')))) {
      const entry = now.entries.get(clipId);
      if (!entry) continue;
      if (entry.had < 0n)
        report(event, `more was taken back than ${clipId} has`, 'at least 0 left', entry.had);
      const cap = now.terms?.cap ?? null;
      if (cap !== null && entry.had > cap)
        report(event, `${clipId} has more than the most for a clip`, `at most ${cap}`, entry.had);
    }
  }
}

/** Events of a few streams stand between those of one append. */
const isNear = (before: number, now: number): boolean => now - before <= 3;

function appendOf({ facts }: Group): Append {
  const events = facts.map(({ event }) => event);
  const of = (type: string) => events.filter((event) => event.type === type);
  const first = events.findIndex(isSettlement);
  const heldIn = (some: readonly RawEvent[]) =>
    new Set(
      some
        .filter(({ type }) => type === 'CampaignClipHeld')
        .map(({ data }) => textOf(data, 'clipId')),
    );
  return {
    accrued: of('EarningsAccrued'),
    reversed: of('EarningsReversed'),
    exhausted: of('CampaignBudgetExhausted'),
    heldBefore: heldIn(events.slice(0, first)),
    heldAfter: heldIn(events.slice(first)),
  };
}

/** Of what there is most of, only what the fold reads is kept. */
function slim(fact: Fact): Fact {
  const { event, place } = fact;
  const { clipId, requestId, views, observedAt, postedAt, metric } = event.data;
  if (event.type === 'ViewsRecorded')
    return { place, event: { ...event, data: { clipId, requestId, views, observedAt, postedAt, metric } } }; // prettier-ignore
  if (event.type === 'ScrapeFailed' || event.type === 'ClipTrackingRequested')
    return { place, event: { ...event, data: { clipId, requestId } } };
  return fact;
}

import {
  IMPORT,
  amountOf,
  decidedAtOf,
  linesOf,
  textOf,
  type Fact,
  type RawEvent,
  type Report,
} from './events.js';
import { Recent } from './trail.js';

/** Streams that are written once and never again: there are ever more of them. */
const PASSING = /^(tracking-run|scrape-batch|short-link|unique-payout-id|submission-day)-/;
/** So many passing streams, event ids and answered requests are remembered. */
const REMEMBERED = 500_000;

/** What holds of any log: order, and nothing twice. */
export class Order {
  readonly #report: Report;
  readonly #next = new Map<string, number>();
  readonly #passing = new Recent<number>(REMEMBERED);
  readonly #ids = new Recent<number>(REMEMBERED);
  readonly #answered = new Recent<string>(REMEMBERED);
  #last: RawEvent | null = null;

  constructor(report: Report) {
    this.#report = report;
  }

  take(event: RawEvent): void {
    const { id, position, stream, revision } = event;
    if (this.#last && position <= this.#last.position)
      this.#report(
        event,
        'positions do not grow',
        `a position above ${this.#last.position}`,
        position,
        [this.#last],
      );
    if (this.#ids.get(id) !== undefined)
      this.#report(
        event,
        'the event is in the log twice',
        'an id of its own',
        `the id at ${this.#ids.get(id)}`,
      );
    this.#ids.set(id, position);
    const streams = PASSING.test(stream) ? this.#passing : this.#next;
    const next =
      streams.get(stream) ?? (streams === this.#passing && this.#passing.forgot ? revision : 0);
    if (revision !== next)
      this.#report(
        event,
        `${stream} has a gap or goes back`,
        `revision ${next}`,
        `revision ${revision}`,
      );
    streams.set(stream, revision + 1);
    if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed') {
      const requestId = textOf(event.data, 'requestId');
      const other = this.#answered.get(requestId);
      if (other)
        this.#report(
          event,
          `the scrape request ${requestId} has two outcomes`,
          'one outcome',
          'another',
          [other],
        );
      this.#answered.set(requestId, `${stream}@${revision}`);
    }
    this.#last = event;
  }
}

const NOTICES: Record<string, string> = {
  ClipHeld: 'CampaignClipHeld',
  ClipReleased: 'CampaignClipReleased',
};
const MARKED: Record<string, string> = {
  CampaignClipHeld: 'ClipHeld',
  CampaignClipReleased: 'ClipReleased',
};
const ofClip = (type: string, { data }: RawEvent): string =>
  `${type} ${textOf(data, 'campaignId')} ${textOf(data, 'clipId')}`;

/** An event that another stream has to know of in the same append. */
interface Needed {
  event: RawEvent;
  /** The event that it needs, and says itself to others. */
  needs: string;
  says: string;
  what: string;
}

/**
 * Facts of two streams that are written together: their events stand side by side in the log, at
 * one time. What one has no partner when the next append begins is reported.
 */
export class Pairs {
  readonly #report: Report;
  #time: string | null = null;
  #ordinal = 0;
  #open: Needed[] = [];
  /**
   * Before notices were written a hold had none: such logs are known by decisions that say no
   * position.
   */
  #older = false;
  #newer = false;
  #unmarked: Needed | null = null;

  constructor(report: Report) {
    this.#report = report;
  }

  take({ event, place }: Fact): void {
    if (event.time !== this.#time || place.ordinal !== this.#ordinal + 1) this.#close();
    this.#time = event.time;
    this.#ordinal = place.ordinal;
    this.#age(event);
    for (const needed of neededBy(event)) {
      const partner = this.#open.findIndex(
        (other) => other.needs === needed.says && other.says === needed.needs,
      );
      if (partner < 0) this.#open.push(needed);
      else this.#open.splice(partner, 1);
    }
  }

  end(): void {
    this.#close();
    if (this.#unmarked && this.#newer) this.#say(this.#unmarked);
  }

  #age(event: RawEvent): void {
    if (Object.hasOwn(MARKED, event.type)) this.#newer = true;
    if (!/^(Earnings|Payout)(Accrued|Reversed|Requested|Approved|Paid)$/.test(event.type)) return;
    if (decidedAtOf(event) !== null) this.#newer = true;
    else if (event.data['by'] !== IMPORT) this.#older = true;
  }

  #close(): void {
    for (const needed of this.#open) {
      if (Object.hasOwn(NOTICES, needed.event.type) && !this.#newer) {
        if (!this.#older) this.#unmarked ??= needed;
      } else this.#say(needed);
    }
    this.#open = [];
  }

  #say({ event, needs, what }: Needed): void {
    this.#report(event, what, `${needs} beside it, at the same time`, 'none');
  }
}

/** How the `runId` of an observation begins that a person has confirmed. */
const CONFIRMED = 'confirmed-';

/** An implausible figure pays only if somebody has confirmed it, in the same append. */
function confirmedFigure(event: RawEvent): Needed | null {
  const { type, data } = event;
  const clipId = textOf(data, 'clipId');
  const [confirmation, observation] = ['FigureConfirmed', 'ViewsRecorded'];
  if (type === confirmation) {
    const one = `${clipId} ${textOf(data, 'requestId')}`;
    const what = 'the figure that was confirmed is no observation';
    return { event, needs: `${observation} ${one}`, says: `${confirmation} ${one}`, what };
  }
  const runId = textOf(data, 'runId');
  if (type !== observation || !runId.startsWith(CONFIRMED)) return null;
  const one = `${clipId} ${runId.slice(CONFIRMED.length)}`;
  const what = 'nobody has confirmed the figure';
  return { event, needs: `${confirmation} ${one}`, says: `${observation} ${one}`, what };
}

function neededBy(event: RawEvent): Needed[] {
  const { type, data, id } = event;
  const notice = NOTICES[type];
  if (notice)
    return [
      {
        event,
        needs: ofClip(notice, event),
        says: ofClip(type, event),
        what: 'the campaign does not know of it',
      },
    ];
  const marked = MARKED[type];
  if (marked)
    return [
      {
        event,
        needs: ofClip(marked, event),
        says: ofClip(type, event),
        what: 'the clip does not know of it',
      },
    ];
  const figure = confirmedFigure(event);
  if (figure) return [figure];
  const ofMove = ofClip('', event);
  if (type === 'ClipApproved' && data['moved'])
    return [
      {
        event,
        needs: `CampaignClipMoved${ofMove}`,
        says: `ClipMoved${ofMove}`,
        what: 'the campaign does not know of the move',
      },
    ];
  if (type === 'CampaignClipMoved' && data['to'] === data['campaignId'])
    return [
      {
        event,
        needs: `ClipMoved${ofMove}`,
        says: `CampaignClipMoved${ofMove}`,
        what: 'the clip was not moved',
      },
    ];
  const ofPayout = `${textOf(data, 'payoutId')} ${textOf(data, 'creatorId')}`;
  if (type === 'PayoutRequested' && decidedAtOf(event) !== null)
    return [
      {
        event,
        needs: `PayoutIdTaken ${ofPayout}`,
        says: `PayoutRequested ${ofPayout}`,
        what: 'the payout id was not taken',
      },
    ];
  if (type === 'PayoutIdTaken')
    return [
      {
        event,
        needs: `PayoutRequested ${ofPayout}`,
        says: `PayoutIdTaken ${ofPayout}`,
        what: 'the id is taken by no payout',
      },
    ];
  const part = (creatorId: string, amount: bigint, reversal: string) =>
    `${textOf(data, 'campaignId')} ${textOf(data, 'currency')} ${creatorId} ${amount} ${reversal}`;
  if (type === 'CreatorEarningsReversed') {
    const one = part(textOf(data, 'creatorId'), amountOf(data, 'amount'), textOf(data, 'reversal'));
    return [
      {
        event,
        needs: `EarningsReversed ${one}`,
        says: `CreatorEarningsReversed ${one}`,
        what: 'there is no such reversal',
      },
    ];
  }
  if (type !== 'EarningsReversed' || decidedAtOf(event) === null) return [];
  const sums = new Map<string, bigint>();
  for (const line of linesOf(event)) {
    const creatorId = textOf(line, 'creatorId');
    sums.set(creatorId, (sums.get(creatorId) ?? 0n) + amountOf(line, 'amount'));
  }
  return [...sums].map(([creatorId, amount]) => {
    const one = part(creatorId, amount, id);
    return {
      event,
      needs: `CreatorEarningsReversed ${one}`,
      says: `EarningsReversed ${one}`,
      what: `the payouts of ${creatorId} do not know of it`,
    };
  });
}

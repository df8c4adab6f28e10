import { formatMoney, type AnyEvent, type EventType } from '@cliptally/contracts';

/** Events worth a line for a person who watches. */
export const PRINTED: readonly EventType[] = [
  'CampaignLaunched', 'CampaignToppedUp', 'CampaignPaused', 'CampaignResumed', 'CampaignEnded', 'CampaignBudgetExhausted',
  'TrackingRunStarted', 'ViewsRecorded', 'ScrapeFailed', 'EarningsAccrued', 'EarningsReversed', 'ClipRetired', 'ClipRestored', 'PayoutRequested', 'PayoutPaid',
]; // prettier-ignore

const when = (time: string) => `${time.slice(5, 10)} ${time.slice(11, 16)}`;
const HOUR_MS = 3_600_000;

/**
 * Prints what happens in the sample world: rare events in a line each, scrapes and money as sums of
 * an hour.
 */
export class EventPrinter {
  readonly #say: (line: string) => void;
  #hour = -1;
  #scrapes = { requested: 0, recorded: 0, failed: 0 };
  readonly #accrued = new Map<string, number>();
  readonly #names = new Map<string, string>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  print(event: AnyEvent): void {
    const hour = Math.floor(Date.parse(event.time) / HOUR_MS);
    if (this.#hour >= 0 && hour > this.#hour) this.#sumUp(event.time);
    this.#hour = Math.max(this.#hour, hour);
    const line = this.#lineOf(event);
    if (line) this.#say(`${when(event.time)}  ${line}`);
  }

  #lineOf(event: AnyEvent): string | null {
    switch (event.type) {
      case 'CampaignLaunched':
        this.#names.set(event.data.campaignId, event.data.name);
        return `campaign "${event.data.name}" launched with ${formatMoney(event.data.terms.budget, event.data.terms.currency)}`;
      case 'CampaignBudgetExhausted': {
        const { campaignId, currency, budget, unpaid } = event.data;
        return `campaign "${this.#names.get(campaignId) ?? campaignId}" has ended its budget of ${formatMoney(budget, currency)}; ${formatMoney(unpaid, currency)} beyond it stays unpaid until a top-up`;
      }
      case 'ClipRetired':
        return `clip ${event.data.clipId} is gone (${event.data.reason}); it is only checked now and then`;
      case 'ClipRestored':
        return `clip ${event.data.clipId} is back`;
      case 'PayoutRequested':
        return `${event.data.creatorId} asks for ${formatMoney(event.data.amount, event.data.currency)}`;
      case 'TrackingRunStarted':
        this.#scrapes.requested += event.data.requested;
        return null;
      case 'ViewsRecorded':
        this.#scrapes.recorded++;
        return null;
      case 'ScrapeFailed':
        this.#scrapes.failed++;
        return null;
      case 'EarningsAccrued':
        this.#accrued.set(
          event.data.currency,
          (this.#accrued.get(event.data.currency) ?? 0) + event.data.total,
        );
        return null;
      default:
        return null;
    }
  }

  #sumUp(time: string): void {
    const { requested, recorded, failed } = this.#scrapes;
    if (requested + recorded + failed + this.#accrued.size > 0) {
      const money =
        [...this.#accrued].map(([currency, amount]) => formatMoney(amount, currency)).join(', ') ||
        'nothing';
      this.#say(
        `${when(time)}  ${requested} scrapes requested, ${recorded} recorded, ${failed} failed; ${money} accrued`,
      );
    }
    this.#scrapes = { requested: 0, recorded: 0, failed: 0 };
    this.#accrued.clear();
  }
}

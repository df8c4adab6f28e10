import { identifyClip } from '@cliptally/contracts';
import { ApiClient } from './api-client.js';
import { sampleClip } from './sample-world.js';

/** The sample world itself never counts its clips so far. */
const FIRST = 10_000;
const CLIPS_A_DAY = 8;
const CAMPAIGN = 'spring-drop';
/** Of the campaign whose earnings need no validation. */
const PAID = ['creator-07', 'creator-23', 'creator-25'];

interface Balances {
  balances: { currency: string; payable: number }[];
}

/**
 * What people leave for others in the sample world, so that the screens of the console have
 * something to decide: clips in review, one on hold, one appeal, and payouts.
 */
export class People {
  readonly #admin: ApiClient;
  readonly #brand: ApiClient;
  readonly #creator: ApiClient;
  readonly #unpaid = new Set(PAID);
  #day = -1;

  constructor(url: string, tokens: { admin: string; brand: string; creator: string }) {
    this.#admin = new ApiClient(url, tokens.admin);
    this.#brand = new ApiClient(url, tokens.brand);
    this.#creator = new ApiClient(url, tokens.creator);
  }

  /** Once a day they submit and review; `day` is that of the sample world. */
  async act(day: number): Promise<void> {
    if (day > this.#day) {
      this.#day = day;
      const first = FIRST + day * CLIPS_A_DAY;
      await this.#submit(first, 'creator-00');
      for (let n = 2; n < 6; n++) await this.#submit(first + n, `creator-0${n}`);
      if (day === 0) await this.#disagree(first + 6, first + 7);
    }
    await this.#askForPayouts();
  }

  async #disagree(rejected: number, held: number): Promise<void> {
    const inCampaign = { campaignId: CAMPAIGN };
    const one = await this.#submit(rejected, 'creator-00');
    const reason = 'The product is not in the picture.';
    if (one && (await this.#brand.ask(`/clips/${one}/reject`, { ...inCampaign, reason })))
      await this.#creator.ask(`/clips/${one}/appeal`, {
        ...inCampaign,
        text: 'It is, from the twelfth second on.',
      });
    const other = await this.#submit(held, 'creator-00');
    if (other && (await this.#brand.ask(`/clips/${other}/approve`, inCampaign)))
      await this.#admin.ask(`/clips/${other}/hold`, {
        ...inCampaign,
        reason: 'Is the account of the clip the account of its creator?',
      });
  }

  /** The clip's id, if it was not there before. */
  async #submit(n: number, creatorId: string): Promise<string | null> {
    const { url } = sampleClip(n);
    const clip = identifyClip(url);
    const isNew = await this.#admin.ask('/clips', { url, campaignId: CAMPAIGN, creatorId });
    return isNew && clip.kind === 'clip' ? clip.clipId : null;
  }

  /** Each of them once, as soon as there is something. */
  async #askForPayouts(): Promise<void> {
    for (const creatorId of this.#unpaid) {
      const found = await this.#admin.get<Balances>(`/creators/${creatorId}/balance`);
      const balance = found?.balances.find(({ payable }) => payable > 0);
      if (!balance) continue;
      this.#unpaid.delete(creatorId);
      const account = { provider: 'manual', account: `Bank account of ${creatorId}` };
      await this.#admin.ask(`/creators/${creatorId}/payout-account`, account);
      const { currency, payable: amount } = balance;
      await this.#admin.ask('/payouts', { creatorId, currency, amount });
    }
  }
}

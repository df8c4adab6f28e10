import type { CampaignMoney, DueClip } from './due-clip.js';
import { PARAMETERS } from './parameters.js';

/** Campaigns whose budget may be gone: views past it pay nothing, and only a scrape reveals it. */
export class NearEnd {
  readonly #sums = new Map<string, { remaining: number; unrecorded: number }>();
  readonly #strength: number;

  constructor(campaigns: ReadonlyMap<string, CampaignMoney>, strength: number) {
    this.#strength = strength;
    for (const [id, { budget, spent }] of campaigns)
      if (spent < budget) this.#sums.set(id, { remaining: budget - spent, unrecorded: 0 });
  }

  add({ campaignIds }: DueClip, unrecorded: number): void {
    for (const id of campaignIds) {
      const sum = this.#sums.get(id);
      if (sum) sum.unrecorded += unrecorded / campaignIds.length;
    }
  }

  /**
   * After the last clip: the factor of a clip's score. 1 far from the end of its budgets, half-way
   * to the most if the unrecorded amount of a campaign equals what remains.
   */
  factor(): (clip: DueClip) => number {
    const factors = new Map<string, number>();
    for (const [id, { remaining, unrecorded }] of this.#sums)
      factors.set(
        id,
        1 + this.#strength / (1 + (remaining / unrecorded) ** PARAMETERS.nearEndSteepness),
      );
    return ({ campaignIds }) => Math.max(...campaignIds.map((id) => factors.get(id) ?? 1));
  }
}

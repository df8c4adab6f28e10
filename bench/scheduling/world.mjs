/** Time goes in quarters of an hour: the shortest interval between two runs. */
export const TICKS_AN_HOUR = 4;
export const TICK_MS = 3_600_000 / TICKS_AN_HOUR;

/**
 * A world: clips with their views at every tick, campaigns with the tick at which their money is
 * truly spent. `budgetOf` gets what a campaign would pay without a budget. Views after that tick
 * are not payable.
 */
export function finishWorld(name, { hours, campaigns, clips, budgetOf }) {
  const ticks = Math.round(hours * TICKS_AN_HOUR);
  for (const clip of clips) {
    clip.views = new Float64Array(ticks + 1);
    for (let t = clip.submitted; t <= ticks; t++) clip.views[t] = clip.viewsAt(t / TICKS_AN_HOUR);
    delete clip.viewsAt;
  }
  for (const [index, campaign] of campaigns.entries()) {
    campaign.id = `campaign-${String(index).padStart(2, '0')}`;
    const own = clips.filter((clip) => clip.campaign === index);
    const worthAt = (t) =>
      own.reduce((sum, clip) => sum + (campaign.rate / 1000) * clip.views[t], 0);
    campaign.worth = new Float64Array(ticks + 1).map((_, t) => worthAt(t));
    campaign.budget = budgetOf(campaign.worth[ticks]);
    const spent = campaign.worth.findIndex((worth) => worth >= campaign.budget);
    campaign.spentAt = spent < 0 || own.length === 0 ? Infinity : spent;
  }
  const active = new Float64Array(ticks + 1);
  for (const clip of clips) {
    const { rate, spentAt } = campaigns[clip.campaign];
    clip.rate = rate / 1000;
    // Waiting dollars are measured while views are payable, and frozen from the tick at which the
    // money is spent.
    clip.payableUntil = Math.min(ticks, spentAt);
    for (let t = clip.submitted; t < clip.payableUntil; t++) active[t]++;
    clip.area = areaOf(clip, ticks);
  }
  return { name, ticks, campaigns, clips, active };
}

/** Views payable at tick t. */
export const payable = (clip, t) =>
  clip.views[Math.min(t, Math.max(clip.payableUntil, clip.submitted))];

/** Sum of payable views over the ticks before t: the area under the curve, in view-ticks. */
function areaOf(clip, ticks) {
  const area = new Float64Array(ticks + 2);
  for (let t = clip.submitted; t <= ticks; t++) area[t + 1] = area[t] + payable(clip, t);
  return area;
}

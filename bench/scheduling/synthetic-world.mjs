import { randomOf } from './random.mjs';
import { finishWorld, TICKS_AN_HOUR } from './world.mjs';

/** Share of clips, and how views decay: rate ~ (1 + age / tau) ^ -p. */
const PLATFORMS = [
  { platform: 'tiktok', weight: 0.45, p: 2, tau: 12 },
  { platform: 'youtube', weight: 0.25, p: 1.6, tau: 24 },
  { platform: 'instagram', weight: 0.3, p: 1.8, tau: 15 },
];

/**
 * The model of a month, with figures that give the policies known from elsewhere the same standing
 * to each other as they had there (see docs/research/0002). Every figure is a default that a world
 * may differ in.
 */
const USUAL = {
  clips: 2_000,
  days: 30,
  /** Lifetime views: lognormal. */
  medianViews: 6_000,
  sigma: 2,
  /** Share of clips that stand still at first, and for how many days at most. */
  lateOnsets: 0.12,
  lateDays: 7,
  /** What such a clip gains before, as a part of its views. */
  early: 0.003,
  /**
   * Share of clips that burst a second time, when (days after the first), and how large against the
   * first.
   */
  secondBursts: 0.12,
  burstDays: [0.5, 12],
  burstSize: 0.6,
  burstSigma: 1,
  /** Mean hours from posting to submission. */
  postedBefore: 0.5,
  /** Dollars per thousand views: lognormal over campaigns. */
  medianRate: 1.2,
  rateSigma: 1.2,
  /** Budget as a part of what the campaign would pay in the month without one. */
  budget: [0.35, 1.6],
};

export function syntheticWorld(seed, differing = {}) {
  const model = { ...USUAL, ...differing };
  const random = randomOf(seed);
  const hours = model.days * 24;
  const campaigns = Array.from({ length: Math.round(random.between(40, 55)) }, () => {
    const launched = random.between(-10 * 24, (model.days - 6) * 24);
    return {
      launched,
      ends: launched + random.between(10 * 24, 30 * 24),
      rate: random.lognormal(model.medianRate, model.rateSigma),
      popularity: random.lognormal(1, 0.7),
    };
  });
  const shares = campaigns.map(
    ({ launched, ends, popularity }) =>
      popularity * (Math.min(hours, ends) - Math.max(0, launched)),
  );
  const clips = Array.from({ length: model.clips }, (_, i) => {
    const campaign = random.weighted(shares);
    const { launched, ends } = campaigns[campaign];
    const submitted = Math.floor(
      random.between(Math.max(0, launched), Math.min(hours, ends)) * TICKS_AN_HOUR,
    );
    const { platform, p, tau } = PLATFORMS[random.weighted(PLATFORMS.map(({ weight }) => weight))];
    const views = random.lognormal(model.medianViews, model.sigma);
    const posted = submitted / TICKS_AN_HOUR - random.exponential(model.postedBefore);
    const parts = [part(random, views, posted, p, tau)];
    if (random.chance(model.lateOnsets)) {
      parts[0].from += random.between(12, model.lateDays * 24);
      parts.push(part(random, views * model.early, posted, p, tau));
    }
    if (random.chance(model.secondBursts)) {
      const from = parts[0].from + random.between(model.burstDays[0] * 24, model.burstDays[1] * 24);
      parts.push(
        part(random, views * random.lognormal(model.burstSize, model.burstSigma), from, p, tau),
      );
    }
    return {
      id: `clip-${String(i).padStart(5, '0')}`,
      platform,
      campaign,
      posted,
      submitted,
      viewsAt: (hour) => viewsOf(parts, hour),
    };
  });
  return finishWorld(`synthetic ${seed}`, {
    hours,
    campaigns,
    clips,
    budgetOf: (worth) => worth * random.between(...model.budget),
  });
}

/** A burst of `views` over thirty days that begins at the hour `from`. */
function part(random, views, from, p, tau) {
  const steepness = Math.max(1.05, p + 0.25 * (random.uniform() + random.uniform() - 1) * 2);
  const scale = random.lognormal(tau, 0.5);
  return { from, views, steepness, scale, whole: 1 - (1 + 720 / scale) ** (1 - steepness) };
}

function viewsOf(parts, hour) {
  let views = 0;
  for (const { from, views: size, steepness, scale, whole } of parts)
    if (hour > from) views += (size * (1 - (1 + (hour - from) / scale) ** (1 - steepness))) / whole;
  return Math.floor(views);
}

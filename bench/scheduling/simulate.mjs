import {
  expectedFirstScrape,
  learnedFrom,
  Planner,
  withObservation,
  withFirstScrape,
} from '../../services/scheduler/dist/domain/index.js';
import { payable, TICK_MS, TICKS_AN_HOUR } from './world.mjs';

const HOUR_MS = 3_600_000;
const EPOCH = Date.UTC(2026, 0, 1);
const at = (tick) => EPOCH + tick * TICK_MS;

const clipOf = new WeakMap();
/** True payable views by `now` of a clip that a simulation has handed out: for yardsticks alone. */
export const viewsPayable = (due, now) =>
  payable(clipOf.get(due), Math.round((now - EPOCH) / TICK_MS));

/**
 * Scrapes that the share S of (active clips x 6 a day) allows by tick t. The same for every policy
 * and for the bound.
 */
export function scrapesBy(world, share) {
  const allowed = new Float64Array(world.ticks + 1);
  for (let t = 1; t <= world.ticks; t++)
    allowed[t] = allowed[t - 1] + (share * 6 * world.active[t - 1]) / (24 * TICKS_AN_HOUR);
  return allowed;
}

/**
 * Lives through a world with `policy`, a run every `every` ticks, with scrapes that take no time.
 * Answers the average of unrecorded payable dollars, hours until a spent budget was noticed, money
 * past budgets (as a share of them), the oldest a clip got, and by how much one got older than the
 * cap of that moment (hours).
 */
export function simulate(world, { policy, share, every, onScrape }) {
  const { ticks, campaigns, clips } = world;
  const allowed = scrapesBy(world, share);
  const money = new Map(campaigns.map(({ id, budget }) => [id, { budget, spent: 0 }]));
  const noticed = campaigns.map(() => Infinity);
  const first = new Map();
  const standing = new Map();
  const arrivals = [...clips].sort((a, b) => a.submitted - b.submitted);
  const sampled = (clip) => {
    const due = dueClip(clip, campaigns[clip.campaign]);
    clipOf.set(due, clip);
    return { clip, due, seenAt: clip.submitted, seen: 0 };
  };
  let active = [];
  let ageCap;
  let arrived = 0;
  let scrapes = 0;
  let dollarTicks = 0;
  let oldest = 0;
  let overCap = 0;
  const record = (state, t) => {
    const { clip } = state;
    dollarTicks +=
      clip.rate * (clip.area[t] - clip.area[state.seenAt] - state.seen * (t - state.seenAt));
    oldest = Math.max(oldest, t - state.seenAt);
    state.seenAt = t;
    state.seen = payable(clip, t);
  };
  for (let t = 0; t < ticks; t += every) {
    while (arrived < arrivals.length && arrivals[arrived].submitted <= t) {
      const clip = arrivals[arrived++];
      if (noticed[clip.campaign] > clip.submitted) active.push(sampled(clip));
    }
    const states = new Map(active.map((state) => [state.due, state]));
    const perDay = share * 6 * world.active[t];
    const planner = new Planner({
      policy,
      campaigns: money,
      learned: learnedFrom(first, standing),
      limits: {
        scrapes: Math.floor(allowed[Math.min(ticks, t + every)] - scrapes),
        byPlatform: {},
        price: () => 0,
        scrapesPerDay: perDay,
      },
      now: at(t),
      nextRunAt: at(t + every),
      ageCap,
    });
    for (const due of states.keys()) planner.weigh(due);
    const plan = planner.plan();
    ageCap = { ms: plan.ageCapMs, at: at(t) };
    scrapes += plan.chosen.length;
    const chosen = new Set(plan.chosen.map(({ clip }) => clip));
    for (const { due, seenAt } of active)
      if (!chosen.has(due))
        overCap = Math.max(
          overCap,
          (Math.min(ticks, t + every) - seenAt) / TICKS_AN_HOUR - plan.ageCapMs / HOUR_MS,
        );
    const before = noticed.filter((tick) => tick < Infinity).length;
    for (const { clip: due } of plan.chosen) {
      const state = states.get(due);
      const views = state.clip.views[t];
      money.get(due.campaignIds[0]).spent += state.clip.rate * (views - (due.lastViews ?? 0));
      record(state, t);
      take(due, views, at(t), first, standing);
      onScrape?.(due, state.clip, t);
    }
    for (const [index, { id, budget }] of campaigns.entries())
      if (noticed[index] === Infinity && money.get(id).spent >= budget && budget > 0)
        noticed[index] = t;
    if (noticed.filter((tick) => tick < Infinity).length > before) {
      for (const state of active) if (noticed[state.clip.campaign] === t) record(state, t);
      active = active.filter(({ clip }) => noticed[clip.campaign] === Infinity);
    }
  }
  for (const state of active) record(state, ticks);
  for (const clip of arrivals.slice(arrived))
    if (noticed[clip.campaign] > clip.submitted) record(sampled(clip), ticks);
  return {
    waiting: dollarTicks / ticks,
    oldest: oldest / TICKS_AN_HOUR,
    overCap,
    scrapes,
    ...exhaustion(world, noticed),
  };
}

function exhaustion({ campaigns, ticks }, noticed) {
  const spent = campaigns.flatMap((campaign, index) =>
    campaign.spentAt < ticks ? [{ campaign, until: Math.min(noticed[index], ticks) }] : [],
  );
  const mean = (values) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    delay: mean(spent.map(({ campaign, until }) => (until - campaign.spentAt) / TICKS_AN_HOUR)),
    overspend: mean(
      spent.map(({ campaign, until }) => campaign.worth[until] / campaign.budget - 1),
    ),
    // What passes the budget within the quarter of an hour in which it ends: nobody can notice
    // sooner.
    unavoidable: mean(
      spent.map(({ campaign: { worth, budget, spentAt } }) => worth[spentAt] / budget - 1),
    ),
  };
}

function dueClip({ id, platform, posted, submitted, rate }, campaign) {
  const unseen = {
    lastObservedAt: null,
    lastViews: null,
    previousObservedAt: null,
    previousViews: null,
    lastOutcomeAt: null,
    failures: 0,
  };
  return {
    clipId: id,
    platform,
    url: '',
    campaignIds: [campaign.id],
    dollarsPerThousand: rate * 1000,
    submittedAt: at(submitted),
    postedAt: EPOCH + posted * HOUR_MS,
    campaignLaunchedAt: EPOCH + campaign.launched * HOUR_MS,
    windowEndsAt: Infinity,
    ...unseen,
  };
}

/**
 * What the scheduler's projection does with an observation. Without the instant of the outcome: a
 * clip may be scraped again at once.
 */
function take(due, views, now, first, standing) {
  if (due.lastObservedAt === null) {
    const hours = Math.max((now - due.postedAt) / HOUR_MS, 1);
    first.set(due.platform, withFirstScrape(first.get(due.platform), views / hours));
  }
  const typical = expectedFirstScrape(first, due.platform);
  standing.set(
    due.platform,
    withObservation(standing.get(due.platform), due, { views, now, typical }),
  );
  due.previousObservedAt = due.lastObservedAt;
  due.previousViews = due.lastViews;
  due.lastObservedAt = now;
  due.lastViews = views;
}

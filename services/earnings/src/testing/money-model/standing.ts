import { due, payable, rests, takenBy } from './money.js';
import { entriesOf, spent, type Entry, type Model } from './state.js';

/** The codes of what keeps a clip from earning or from being paid, in their order. */
export function whyOf(m: Model, e: Entry, now: number): string[] {
  const { terms } = m.campaigns[e.campaign]!;
  const post = m.posts[e.clip];
  const rejected = e.status === 'REJECTED';
  const unknown = (code: string, is: boolean) => (post && is && !rejected ? [code] : []);
  return [
    ...(e.status === 'PENDING' && !e.held ? ['pending'] : []),
    ...(rejected ? ['rejected'] : []),
    ...(e.held ? ['held'] : []),
    ...(e.held?.code ? [e.held.code] : []),
    ...unknown('author_unknown', terms.ownedOnly && post?.account === null),
    ...unknown('text_unknown', terms.textOnly && post?.text === null),
    ...(e.status === 'APPROVED' ? ofViews(m, e, now) : []),
    ...ofMoney(m, e, now),
  ];
}

function ofViews(m: Model, e: Entry, now: number): string[] {
  const { terms, status, endedAt } = m.campaigns[e.campaign]!;
  const over = now >= endedAt || now >= e.approvedAt + terms.trackingMs;
  const { high, earned } = rests(terms, e);
  const taken = takenBy(m, e.campaign, e.creator);
  return [
    ...(status === 'PAUSED' ? ['campaign_paused'] : []),
    ...(over ? ['window_over'] : []),
    ...(high === null && !over ? ['not_seen'] : []),
    ...(high !== null && high < terms.minViews ? ['below_min_views'] : []),
    ...(terms.cap !== null && earned >= terms.cap ? ['at_cap'] : []),
    ...(terms.perCreator !== null && taken >= terms.perCreator ? ['at_creator_cap'] : []),
  ];
}

function ofMoney(m: Model, e: Entry, now: number): string[] {
  const campaign = m.campaigns[e.campaign]!;
  const gone = spent(campaign) >= campaign.budget && e.status === 'APPROVED';
  const settling = !gone && due(m, e) > 0n && campaign.status !== 'PAUSED';
  const waits = m.accruals.some(({ clip, campaign: of, until, amount }) => clip === e.clip && of === e.campaign && until > now && amount >= 0n); // prettier-ignore
  const kept = payable(m, e.creator, now).kept.includes(e.campaign);
  return [
    ...(gone ? ['budget_gone'] : []),
    ...(settling ? ['settling'] : []),
    ...(waits ? ['validating'] : []),
    ...(kept ? ['below_minimum'] : []),
  ];
}

/** What a campaign still waits for. */
export function closeOut(m: Model, campaign: string, now: number) {
  const { budget, endedAt, fees, ...sums } = m.campaigns[campaign]!;
  const entries = entriesOf(m, { campaign });
  const used = spent({ budget, endedAt, fees, ...sums });
  const count = (is: (e: Entry) => boolean) => entries.filter(is).length;
  const waiting = {
    end: endedAt > now,
    pending: count((e) => e.status === 'PENDING' && !e.held),
    held: count((e) => e.held !== null),
    appeals: count((e) => e.appeal === 'open'),
    unsettled: budget > used ? count((e) => due(m, e) !== 0n) : 0,
    scrapes: 0,
  };
  const closed = Object.values(waiting).every((one) => !one);
  return { waiting, closed, budget, spent: used, fees, remaining: budget - used };
}

import * as clips from './clips.js';
import { settle } from './money.js';
import * as payouts from './payouts.js';
import { keyOf, type Act, type Campaign, type Model } from './state.js';

export * from './money.js';
export * from './standing.js';
export * from './state.js';

const put = (into: object, change: object): null => (Object.assign(into, change), null);

/** Gives the code of the refusal, or null for what is done; of many at once all codes. */
export function decide(m: Model, a: Act, now: number): string | null {
  const e = m.entries[keyOf(a.clip, a.campaign)]!;
  switch (a.act) {
    case 'submit': return clips.submit(m, a, now);
    case 'approve': return clips.approve(m, e, now);
    case 'reject': return clips.reject(e);
    case 'hold': return clips.hold(e, now);
    case 'release': return clips.release(e);
    case 'appeal': return clips.appeal(e);
    case 'answer': return clips.answerAppeal(m, e, a.yes, now);
    case 'move': return clips.move(m, e, a.to);
    case 'reverse': return clips.reverse(m, e, a.amount);
    case 'observe': return clips.observe(m, a);
    case 'field': return clips.changeField(m, a);
    case 'bulk': return a.many.map((one) => bulk(m, one, now)).join();
    case 'post': return put(m.posts, { [a.clip]: a.post });
    case 'prove': return m.proved.includes(a.creator) ? null : (m.proved.push(a.creator), null);
    case 'account': return payouts.setAccount(m, a, now);
    case 'ask': return payouts.ask(m, a, now);
    case 'outside': return payouts.outside(m, a, now);
    case 'allow': case 'refuse': case 'pay': case 'fail': return payouts.step(m, m.payouts[a.payout]!, a.act, now);
    default: return ofCampaign(m.campaigns[a.campaign]!, a, now);
  }
} // prettier-ignore

function bulk(m: Model, { clip, campaign, approve }: Act['many'][number], now: number) {
  const e = m.entries[keyOf(clip, campaign)]!;
  return approve ? clips.approve(m, e, now) : clips.reject(e);
}

/** Its terms never change. */
function ofCampaign(c: Campaign, { act, amount }: Act, now: number): string | null {
  const from = { pause: 'ACTIVE', resume: 'PAUSED' }[act];
  if (act === 'terms') return 'campaign_exists';
  if (from ? c.status !== from : c.status === 'ENDED') return 'campaign_state';
  if (act === 'top-up') return put(c, { budget: c.budget + amount });
  if (act === 'end') return put(c, { status: 'ENDED', endedAt: now });
  return put(c, { status: act === 'pause' ? 'PAUSED' : 'ACTIVE' });
}

/** What follows by itself: reviews that are due, holds by the terms, and settlements. */
export function goOn(m: Model, now: number): void {
  clips.review(m, now);
  clips.check(m, now);
  for (const campaign of Object.keys(m.campaigns)) settle(m, campaign, now);
}

import { newEvent, outcomeId, streams, type EventInput, type NewEvent } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import { observation, type startApiWorld } from '../api-world.js';
import type { Act } from '../money-model/index.js';

export type World = Awaited<ReturnType<typeof startApiWorld>>;
export const REQUIRED = '#ad';

const POSTS: Record<string, (a: Act) => [path: string, body: object]> = {
  submit: (a) => ['/clips', { url: `https://www.youtube.com/watch?v=${a.clip.slice('youtube-'.length)}`, campaignId: a.campaign, creatorId: a.creator }],
  approve: (a) => [`/clips/${a.clip}/approve`, { campaignId: a.campaign }],
  reject: (a) => [`/clips/${a.clip}/reject`, { campaignId: a.campaign, reason: 'no' }],
  move: (a) => [`/clips/${a.clip}/move`, { campaignId: a.campaign, to: a.to, reason: 'wrong one' }],
  appeal: (a) => [`/clips/${a.clip}/appeal`, { campaignId: a.campaign, text: 'look again' }],
  answer: (a) => [`/clips/${a.clip}/appeal/answer`, { campaignId: a.campaign, granted: a.yes, reason: 'so it is' }],
  hold: (a) => [`/clips/${a.clip}/hold`, { campaignId: a.campaign, reason: 'odd' }],
  release: (a) => [`/clips/${a.clip}/release`, { campaignId: a.campaign }],
  reverse: (a) => [`/clips/${a.clip}/reverse`, { campaignId: a.campaign, amount: Number(a.amount), reason: 'bots' }],
  field: (a) => [`/clips/${a.clip}/view-field`, { field: a.name, reason: 'it is counted there' }],
  'top-up': (a) => [`/campaigns/${a.campaign}/top-up`, { amount: Number(a.amount) }],
  pause: (a) => [`/campaigns/${a.campaign}/pause`, { reason: '' }],
  resume: (a) => [`/campaigns/${a.campaign}/resume`, {}],
  end: (a) => [`/campaigns/${a.campaign}/end`, { reason: '' }],
  ask: (a) => ['/payouts', { payoutId: a.payout, creatorId: a.creator, currency: 'USD', amount: Number(a.amount) }],
  outside: (a) => [`/creators/${a.creator}/payments`, { payoutId: a.payout, currency: 'USD', amount: Number(a.amount), externalReference: `hand ${a.payout}` }],
  account: (a) => [`/creators/${a.creator}/payout-account`, { provider: 'manual', account: a.name }],
  allow: (a) => [`/payouts/${a.payout}/approve`, {}],
  refuse: (a) => [`/payouts/${a.payout}/reject`, { reason: 'no' }],
  pay: (a) => [`/payouts/${a.payout}/paid`, { externalReference: `bank ${a.payout}` }],
  fail: (a) => [`/payouts/${a.payout}/failed`, { reason: 'came back' }],
}; // prettier-ignore

/** Gives the code of the refusal, or null; of many reviews all codes. */
export async function carryOut(world: World, act: Act): Promise<string | null> {
  switch (act.act) {
    case 'observe':
      return observe(world, act);
    case 'post':
      return seePost(world, act);
    case 'prove':
      return prove(world, act.creator);
    case 'bulk': {
      const reviews = act.many.map(({ clip: clipId, campaign: campaignId, approve }) => ({ clipId, campaignId, decision: approve ? 'approve' : 'reject', reason: 'no' })); // prettier-ignore
      const { body } = await world.post('/clips/reviews', { reviews });
      return (body.reviews as { code: string | null }[]).map(({ code }) => code).join();
    }
    case 'terms': {
      const terms = world.terms({ campaignId: act.campaign, budget: 7, flatFee: 1 });
      return codeOf(await world.post('/campaigns', terms));
    }
    default:
      return codeOf(await world.post(...POSTS[act.act]!(act)));
  }
}

type Answered = Awaited<ReturnType<World['post']>>;
const codeOf = ({ status, body }: Answered): string | null => (status < 300 ? null : body.code);

/** As a scraper records it. */
async function observe(world: World, { clip, views, at, name, yes }: Act): Promise<null> {
  const more = { observedAt: new Date(at).toISOString(), metric: name, ...(yes && { postedAt: '2025-06-01T00:00:00.000Z' }) }; // prettier-ignore
  const event = observation(world.clock.now(), clip, Number(views), more);
  await world.store.append(streams.clip(clip), [event], 'any');
  return null;
}

async function seePost(world: World, { clip, post }: Act): Promise<null> {
  const text = post.text && {
    found: post.text === 'found' ? [REQUIRED] : [],
    missing: post.text === 'found' ? [] : [REQUIRED],
  };
  const account = post.account === null ? null : { handle: post.account, externalId: null };
  const requestId = randomUUID();
  const data: EventInput<'ClipPostSeen'> = { clipId: clip, platform: 'youtube', requestId, account, codes: [], text }; // prettier-ignore
  const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
  const event = newEvent('ClipPostSeen', outcomeId(requestId), data, context) as NewEvent;
  await world.store.append(streams.clip(clip), [event], 'any');
  return null;
}

/** An admin's word: the account of the creator's own name is its own. */
async function prove(world: World, creator: string): Promise<string | null> {
  const claim = { platform: 'youtube', handle: creator };
  const claimed = await world.post(`/creators/${creator}/accounts`, claim);
  if (claimed.status >= 300) return claimed.body.code;
  return codeOf(await world.post(`/accounts/${claimed.body.accountId}/confirm`, {}));
}

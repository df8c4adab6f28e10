import { net, type Act, type Entry, type Model, DAY_MS, NO_MONEY, entriesOf, freshEntry, keyOf } from './state.js'; // prettier-ignore
import { takeBack } from './money.js';
import { see, seenAgain } from './views.js';

type Refusal = string | null;
const put = (into: object, change: object): null => (Object.assign(into, change), null);
const HELD_FOR_MS = 3 * DAY_MS;

/** Rejected before it was ever approved, a clip makes room for another submission. */
const isFree = (e: Entry | undefined): boolean => !e || (e.status === 'REJECTED' && !e.approvedAt);

export function submit(m: Model, { clip, campaign, creator }: Act, now: number): Refusal {
  const c = m.campaigns[campaign]!;
  const day = `${creator} ${Math.floor(now / DAY_MS)}`;
  const made = c.days[day] ?? 0;
  if (c.status !== 'ACTIVE') return 'campaign_state';
  if (!isFree(m.entries[keyOf(clip, campaign)])) return 'clip_already_submitted';
  if (c.terms.perDay !== null && made >= c.terms.perDay) return 'submissions_of_day';
  c.days[day] = made + 1;
  return put(m.entries, { [keyOf(clip, campaign)]: freshEntry(clip, campaign, creator, now) });
}

const approved = (m: Model, e: Entry, now: number): null =>
  put(e, { status: 'APPROVED', approvedAt: now, after: m.log.length });

export function approve(m: Model, e: Entry, now: number): Refusal {
  if (e.status !== 'PENDING') return 'clip_state';
  if (e.held) return 'clip_held';
  return m.campaigns[e.campaign]!.status === 'ENDED' ? 'campaign_state' : approved(m, e, now);
}

export const reject = (e: Entry): Refusal =>
  !e.held && e.status !== 'PENDING' ? 'clip_state' : put(e, { status: 'REJECTED', held: null });

export function hold(e: Entry, now: number): Refusal {
  if (e.held) return 'clip_held';
  const held = { until: now + HELD_FOR_MS, code: null };
  return e.status === 'REJECTED' ? 'clip_state' : put(e, { held });
}

/** A person has seen what is odd about it. */
export function release(e: Entry): Refusal {
  if (!e.held) return 'clip_not_held';
  const code = e.held.code ? [e.held.code] : [];
  return put(e, { held: null, cleared: [...(e.cleared ?? []), ...code] });
}

export function appeal(e: Entry): Refusal {
  if (e.appeal) return 'appeal_exists';
  return e.status !== 'REJECTED' && !e.held ? 'nothing_to_appeal' : put(e, { appeal: 'open' });
}

/** Granted, a hold ends, and a rejected clip is approved: with its old date, if it had one. */
export function answerAppeal(m: Model, e: Entry, granted: boolean, now: number): Refusal {
  if (e.appeal !== 'open') return 'no_appeal';
  if (granted && e.held) release(e);
  else if (granted && e.status === 'REJECTED') {
    if (!e.approvedAt && m.campaigns[e.campaign]!.status === 'ENDED') return 'campaign_state';
    if (e.approvedAt) put(e, { status: 'APPROVED' });
    else approved(m, e, now);
  }
  return put(e, { appeal: 'answered' });
}

/** Its earnings go back, and in the other campaign all counts since its approval. */
export function move(m: Model, e: Entry, to: string): Refusal {
  const there = m.entries[keyOf(e.clip, to)];
  const next = m.campaigns[to]!;
  if (to === e.campaign) return 'same_campaign';
  if (e.status === 'REJECTED') return 'clip_state';
  if (e.held) return 'clip_held';
  if (!isFree(there)) return 'clip_already_submitted';
  if (e.approvedAt && next.endedAt <= e.approvedAt) return 'window_empty';
  const amount = net(e);
  takeBack(m.campaigns[e.campaign]!, e, amount);
  const moved = { ...e, campaign: to, appeal: null, cleared: null, voided: 0n, ...NO_MONEY };
  put(e, { status: 'REJECTED', voided: e.voided + amount });
  return put(m.entries, { [keyOf(e.clip, to)]: { ...moved, ...seenAgain(m, moved) } });
}

export function reverse(m: Model, e: Entry, amount: bigint): Refusal {
  if (net(e) === 0n) return 'nothing_to_reverse';
  if (amount > net(e)) return 'over_accrued';
  takeBack(m.campaigns[e.campaign]!, e, amount);
  return put(e, { voided: e.voided + amount });
}

/** As a scraper records it. `yes`: the source says that the post is of before the campaign. */
export function observe(m: Model, { clip, views, at, name, yes }: Act): Refusal {
  if (yes) for (const e of entriesOf(m, { clip })) e.old = true;
  see(m, { clip, field: name, views, at });
  return put(m.fieldOf, { [clip]: name });
}

export function changeField(m: Model, { clip, name }: Act): Refusal {
  const from = m.fieldOf[clip] ?? null;
  if (from === name) return 'view_field_same';
  see(m, { clip, from, to: name });
  return put(m.fieldOf, { [clip]: name });
}

/** At its deadline a submission is approved, or held if something is odd that nobody has seen. */
export function review(m: Model, now: number): void {
  for (const e of Object.values(m.entries)) {
    const { terms, status } = m.campaigns[e.campaign]!;
    if (e.status !== 'PENDING' || e.held || terms.reviewMs === null) continue;
    if (e.submittedAt + terms.reviewMs > now) continue;
    const odd = (e.old && terms.oldCount) || status === 'ENDED';
    if (odd && !e.cleared) hold(e, now);
    else if (status !== 'ENDED') approved(m, e, now);
  }
}

/** A clip that lacks what its campaign asks for is held until it has it. */
export function check(m: Model, now: number): void {
  for (const e of Object.values(m.entries)) {
    if (e.status === 'REJECTED') continue;
    const { ownedOnly, textOnly } = m.campaigns[e.campaign]!.terms;
    const { account, text } = m.posts[e.clip] ?? { account: null, text: null };
    const owned = account === e.creator && m.proved.includes(e.creator);
    const foreign = ownedOnly && account !== null && !owned;
    const lacks = { foreign_author: foreign, missing_text: textOnly && text === 'missing' };
    if (e.held?.code && !lacks[e.held.code]) e.held = null;
    const code = (['foreign_author', 'missing_text'] as const).find(
      (one) => lacks[one] && !e.cleared?.includes(one),
    );
    if (code && !e.held) e.held = { until: now + HELD_FOR_MS, code };
  }
}

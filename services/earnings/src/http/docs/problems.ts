import { isWrite, type Method } from '../methods.js';

type Example = readonly [status: number, detail: string];

/**
 * Every refusal that a route of the API names: its status, and its sentence as a caller may read
 * it.
 */
export const PROBLEMS = {
  malformed: [400, 'The body is not as it should be: amount: must be a number, not string.'],
  unauthorized: [401, 'The token has expired; get a new one.'],
  forbidden: [403, 'A creator may not do this; it takes admin or brand.'],
  not_found: [404, 'There is no campaign "spring-drop".'],
  too_slow: [408, 'The body has not come within 20 s: send the request again.'],
  busy: [409, 'Others are changing the same thing at this moment; send the request again.'],
  in_progress: [409, 'The first request with this Idempotency-Key is still under way; ask again in a second.'],
  too_large: [413, 'The body is larger than 100 kB.'],
  not_json: [415, 'Send the body as application/json.'],
  idempotency_key_reused: [422, 'This Idempotency-Key was used for another request; choose a new one.'],
  too_many_requests: [429, 'Too many requests: the next one is taken in 2 s.'],
  too_many_streams: [429, 'Too many streams are open: close a page, or try again later.'],
  unavailable: [503, 'The database does not answer at this moment, and nothing was changed; send the request again.'],
  keys_unavailable: [503, 'Tokens cannot be checked at this moment; send the request again.'],

  log_elsewhere: [409, 'The log of this installation is in KurrentDB: its own browser searches events there.'],
  too_long: [422, 'The stream "campaign-spring-drop" has more than 50000 events up to there: ask for an earlier position.'],
  campaign_exists: [409, 'A campaign "spring-drop" exists already: choose another id.'],
  terms_faulty: [422, 'The campaign cannot be launched. endsAt: must be after startsAt (2026-03-01T00:00:00Z).'],
  campaign_state: [409, 'The campaign "spring-drop" is ENDED: it cannot be topped up (only while it is ACTIVE or PAUSED).'],
  campaign_over: [409, 'The campaign "spring-drop" was over on 2026-05-31T00:00:00Z: no clip can be submitted any more.'],
  budget_too_large: [422, 'The budget would be too large to be counted exactly.'],
  not_funded: [422, '"brand-1" has 200.00 USD left of the 1,000.00 USD that it has paid in, and 500.00 USD would be committed: pay in 300.00 USD first, or ask for less.'],
  payment_unknown: [422, '"acme" has no payment "pi_1": record the payment first, or give the reference of the one that was refunded.'],
  refund_unknown: [422, '"acme" has no refund "re_1": give the id of one that is recorded.'],
  refund_too_large: [422, 'The payment "pi_1" was 500.00 USD: no more than that can be refunded of it.'],

  not_a_clip: [422, '"example.com" is not a site that we track. Open one clip on TikTok, YouTube, Instagram, X or Facebook and paste its address alone, such as https://www.youtube.com/watch?v=dQw4w9WgXcQ.'],
  link_pending: [409, 'The link https://vm.tiktok.com/ZMabc1234 is waiting in the campaign "spring-drop" already: it is tried again by itself until 2026-03-03T09:00:00.000Z.'],
  link_state: [409, 'The short link "6d9f2c1a-4a34-5f0b-9c52-0f3f6a1f7e21" is RESOLVED: it is the clip "youtube-dQw4w9WgXcQ" already.'],
  platform_refused: [422, 'The campaign "spring-drop" takes clips of tiktok, youtube only: submit one of these.'],
  submissions_of_day: [422, 'The campaign "spring-drop" takes 3 submissions of a creator in a day of UTC, and "ann" has made as many on 2026-03-04: submit the clip from 2026-03-05T00:00:00.000Z on.'],
  too_many_pending: [422, '"ann" has 200 submissions in the campaign "spring-drop" that nobody has decided on yet, and at most 200 may wait: submit the clip once some of them are reviewed.'],
  clip_already_submitted: [409, 'The clip "youtube-dQw4w9WgXcQ" is in the campaign "spring-drop" already: a clip earns there once.'],
  clip_exclusive: [409, 'The clip "youtube-dQw4w9WgXcQ" is in the campaign "evergreen", and "evergreen" is exclusive: submit another clip.'],
  clip_retired: [409, 'The clip "youtube-dQw4w9WgXcQ" is retired: its platform has said for a day that it is private. It is checked again by itself (after a day, three days, a week, then each month) and comes back when it is seen; or its creator (once a day) or an admin restores it with POST /clips/youtube-dQw4w9WgXcQ/restore.'],
  clip_not_retired: [409, 'The clip "youtube-dQw4w9WgXcQ" is not retired: it is scraped as its campaigns need it.'],
  restored_today: [409, 'You have asked for the clip "youtube-dQw4w9WgXcQ" within a day: ask again from 2026-03-06T12:00:00.000Z, or ask an admin.'],
  view_field_same: [409, 'The views of the clip "instagram-DQw4w9WgXcQ" are read from "videoPlayCount".'],
  no_figure: [409, 'The last scrape of the clip "youtube-dQw4w9WgXcQ" failed as blocked and brought no figure to confirm: retry it.'],
  clip_state: [409, 'The clip "youtube-dQw4w9WgXcQ" is REJECTED in the campaign "spring-drop": only a pending clip can be approved.'],
  clip_held: [409, 'The clip "youtube-dQw4w9WgXcQ" is on hold (views x10 within 2 h): release it before it is approved.'],
  clip_not_held: [409, 'The clip "youtube-dQw4w9WgXcQ" is not on hold in the campaign "spring-drop".'],
  window_empty: [409, 'Approved now, the clip "youtube-dQw4w9WgXcQ" would stop counting before the campaign starts on 2027-01-01T00:00:00Z: approve it later.'],
  review_in_the_past: [422, 'reviewAt must be an instant in the future: a hold has a date of review.'],
  short_link: [422, 'A short link is followed only if it is submitted alone: use POST /clips.'],
  nothing_to_reverse: [422, 'The clip "youtube-dQw4w9WgXcQ" has no earnings in the campaign "spring-drop" that could be reversed.'],
  appeal_exists: [409, 'The clip "youtube-dQw4w9WgXcQ" was appealed on 2027-03-02T10:00:00.000Z: a decision is appealed once.'],
  nothing_to_appeal: [409, 'The clip "youtube-dQw4w9WgXcQ" is neither rejected nor on hold in the campaign "spring-drop".'],
  no_appeal: [409, 'No appeal of the clip "youtube-dQw4w9WgXcQ" waits for an answer.'],
  same_campaign: [422, 'The clip "youtube-dQw4w9WgXcQ" is in "spring-drop": name another.'],
  over_accrued: [422, 'The clip "youtube-dQw4w9WgXcQ" has 40.00 USD there: 60.00 USD cannot be reversed.'],

  too_many_accounts: [409, 'There are 30 accounts of "ann" already: release one first.'],
  account_owned: [409, '@ann.clips on tiktok is an account of another creator: an admin can take it over.'],
  account_released: [409, 'The claim to @ann.clips was released: claim the account again.'],
  no_clip_to_read: [422, 'No clip of "ann" on tiktok is scraped: submit one of @ann.clips, or ask an admin.'],

  creator_erased: [409, 'The creator "ann" was erased: nothing can be submitted, claimed or paid in its name. A person who comes back gets a new id.'],
  payout_under_way: [409, 'The payout "ann-may" of "ann" is APPROVED: reject it, or wait for its end, before the creator is erased.'],
  money_due: [409, '"ann" has 12.00 USD: pay it out first, or say with forfeit that the creator gives it up.'],
  texts_in_clear: [409, '3 texts of "ann" were logged before texts were sealed, and no key can be destroyed for them: copy the log with npm run events -- seal first.'],
  sealing_off: [409, 'Personal texts are not sealed here, so that no key can be destroyed: the operator sets PERSONAL_DATA_KEYS.'],
  profile_sealed: [503, 'The tax profile of "ann" cannot be opened: it is sealed with the key "2026-01", which TAX_PROFILE_KEYS does not have: the operator adds it behind the others.'],
  payout_exists: [409, 'A payout "ann-may" exists already: choose another id.'],
  reference_taken: [409, '"SEPA 4711" is the payment of 40.00 USD that is recorded as "ann-may": give the reference of the other payment.'],
  below_minimum: [422, '5.00 USD is below the smallest payout of 10.00 USD.'],
  over_balance: [422, '60.00 USD is more than the 40.00 USD that is available now. Earnings become available when their validation period is over.'],
  payout_state: [409, 'The payout "ann-may" is PAID: it can only be approved while it is REQUESTED.'],
  payout_account_changed: [409, 'The payout account of "ann" was changed on 2026-03-02T09:30:00.000Z, after the payout "p-1" was asked for: it can be approved from 2026-03-05T09:30:00.000Z on, and then goes to the account of before. Ask the creator, in another way than by e-mail, who has changed it; or reject the payout, and have it asked for again.'],
  payout_paid: [409, 'The payout "ann-may" was paid by "SEPA 4711": it cannot be paid again by "SEPA 4712".'],
  payout_at_stripe: [409, 'The payout "ann-may" is carried out by Stripe, which itself says how it ended: wait for it.'],
  balance_below_zero: [409, 'After a reversal the balance is -5.00 USD: the payout "ann-may" is not covered. Reject it, or approve it when new earnings have made up for it.'],
  provider_refuses: [409, 'Payouts to "ann" go by Stripe, which is not set up here.'],
  endpoint_address: [422, 'The host hooks.example has no public address, or others beside it: webhooks go to the public Internet only.'],
  endpoint_state: [409, 'The endpoint "wh-4c1f0a52-6f0e-5c53-9d1f-2b8a6f6f7e21" is DISABLED: enable it before anything is sent to it.'],
  no_mail: [409, 'No mail server is set up here: the operator sets SMTP_URL.'],
  webhook_type: [422, 'A brand gets no webhooks of the type "payout.paid"; it may choose of campaign.launched, clip.submitted.'],
  too_many_endpoints: [409, 'There are 20 endpoints already: disable one, or choose more types at one.'],
  rows_refused: [422, 'Nothing was recorded: a row of the file is wrong. Line 2, payout "ann-may": it is unknown.'],
} as const satisfies Record<string, Example>; // prettier-ignore

export type ProblemCode = keyof typeof PROBLEMS;

/** What any route may answer, said once; the last three of those with a body or a key. */
const EVERYWHERE: readonly ProblemCode[] = [
  'malformed',
  'unauthorized',
  'forbidden',
  'too_many_requests',
  'keys_unavailable',
  'unavailable',
];
const OF_WRITES: readonly ProblemCode[] = [
  'busy',
  'in_progress',
  'too_slow',
  'too_large',
  'not_json',
  'idempotency_key_reused',
];

/** The problems of a route, by status. */
export function problemsOf(
  method: Method,
  path: string,
  own: readonly ProblemCode[],
): Map<number, ProblemCode[]> {
  const codes = [
    ...own,
    ...(path.includes(':') ? (['not_found'] as const) : []),
    ...EVERYWHERE,
    ...(isWrite(method) ? OF_WRITES : []),
  ];
  const byStatus = Map.groupBy([...new Set(codes)], (code) => PROBLEMS[code][0] as number);
  return new Map([...byStatus].toSorted(([a], [b]) => a - b));
}

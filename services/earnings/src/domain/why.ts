import { formatMoney, type SeenPost } from '@cliptally/contracts';
import { endOf, remainingOf, type Campaign } from './campaign.js';
import { dueOf, earnedBy, restsOn, type ClipEntry } from './clip.js';
import { reviewAtOf } from './due-review.js';
import { unknownsOf } from './eligibility.js';
import { countingWindow } from './entitlement.js';
import { ms } from './fact.js';
import type { Payable } from './payable.js';

/** Why a clip does not earn or is not paid just now: a fixed word, and a sentence for people. */
export interface Reason {
  code:
    | 'pending'
    | 'rejected'
    | 'held'
    | 'foreign_author'
    | 'missing_text'
    | 'author_unknown'
    | 'text_unknown'
    | 'retired'
    | 'campaign_paused'
    | 'not_started'
    | 'not_seen'
    | 'below_min_views'
    | 'at_cap'
    | 'at_creator_cap'
    | 'budget_gone'
    | 'window_over'
    | 'settling'
    | 'validating'
    | 'below_minimum';
  sentence: string;
}

/** What is known beside entry and campaign. */
export interface Known {
  /** What of the clip's earnings is still being validated, and until when, in minor units. */
  validating: { amount: number; until: string } | null;
  /** What counts towards the campaign's limit for the creator, by all its clips. */
  takenByCreator: number;
  /** Of the creator, in the campaign's currency. */
  payable: Payable;
  /** What was seen of its post; null before the first scrape that checks it. */
  post: SeenPost | null;
}

/** All that keeps a clip from earning more, or its earnings from being paid, in that order. */
export function reasonsOf(entry: ClipEntry, campaign: Campaign, known: Known, now: Date): Reason[] {
  const reasons: Reason[] = [];
  const say = (code: Reason['code'], sentence: string) => void reasons.push({ code, sentence });
  ofReview(entry, campaign, say);
  ofPost(entry, campaign, known, say);
  if (entry.status === 'APPROVED') ofViews(entry, campaign, known, say, now);
  ofMoney(entry, campaign, known, say);
  return reasons;
}

type Say = (code: Reason['code'], sentence: string) => void;

function ofReview(entry: ClipEntry, { terms }: Campaign, say: Say): void {
  const { status, hold, rejection, retired } = entry;
  const at = reviewAtOf(entry, terms);
  if (status === 'PENDING' && !hold)
    say('pending', `It waits for its review${at ? `, at most until ${at}` : ''}.`);
  if (status === 'REJECTED')
    say(
      'rejected',
      `It was rejected and earns nothing${rejection ? `: ${ended(rejection.reason)}` : '.'} ${appealOf(entry)}`,
    );
  if (hold)
    say('held', `It is on hold until its review on ${hold.reviewAt}: ${ended(hold.reason)} ${appealOf(entry)}`); // prettier-ignore
  if (retired)
    say('retired', `Its platform says that it is ${retired === 'private' ? 'private' : 'not there'}: it is checked now and then, and comes back when it is seen or restored (POST /clips/${entry.clipId}/restore).`); // prettier-ignore
}

/** What somebody has written, so that another sentence can follow. */
const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function appealOf({ appeal }: ClipEntry): string {
  if (!appeal) return 'Its creator can object to that, once.';
  if (!appeal.answer) return `The objection of ${appeal.at} waits for an answer.`;
  const { granted, reason } = appeal.answer;
  return granted
    ? 'An objection to an earlier decision was granted.'
    : `The objection was refused: ${ended(reason)}`;
}

/** Codes of entries that can earn nothing more, however many views come. */
const USED_UP: readonly Reason['code'][] = ['at_cap', 'at_creator_cap', 'budget_gone'];

/**
 * From when on (ms) the clip is scraped for this entry, by the rules of the scheduler; null while
 * it is not. A clip is scraped before its review too, which needs to know what is odd about it.
 */
export function scrapedFrom(
  { status, retired, approvedAt }: ClipEntry,
  campaign: Campaign,
  reasons: readonly Reason[],
  now: Date,
): number | null {
  const end = endOf(campaign);
  if (status === 'REJECTED' || retired || campaign.status !== 'ACTIVE') return null;
  if (end !== null && ms(end) <= now.getTime()) return null;
  if (reasons.some(({ code }) => USED_UP.includes(code))) return null;
  if (approvedAt !== null && now.getTime() >= countingWindow(campaign, approvedAt).to) return null;
  return ms(campaign.terms.startsAt);
}

function ofPost(entry: ClipEntry, { terms }: Campaign, { post }: Known, say: Say): void {
  const { hold, creatorId, status } = entry;
  const accounts = `/creators/${creatorId}/accounts`;
  if (hold?.code === 'foreign_author')
    say('foreign_author', `It waits for a proof that its account is yours: claim it with POST ${accounts}, and put the code in its bio.`); // prettier-ignore
  if (hold?.code === 'missing_text')
    say('missing_text', `It waits until its caption has one of ${terms.requiredText!.join(', ')}: edit it, and the next scrape sees that.`); // prettier-ignore
  if (status === 'REJECTED') return;
  const unknown = unknownsOf(terms, post);
  if (unknown.includes('author_unknown'))
    say('author_unknown', 'Its source does not say whose account it is on: nobody can check that it is yours.'); // prettier-ignore
  if (unknown.includes('text_unknown'))
    say('text_unknown', 'Its source does not give the caption: nobody can check the text that is required.'); // prettier-ignore
}

function ofViews(entry: ClipEntry, campaign: Campaign, known: Known, say: Say, now: Date): void {
  const { terms, status } = campaign;
  const money = (amount: number) => formatMoney(amount, terms.currency);
  const { from, to } = countingWindow(campaign, entry.approvedAt!);
  const date = (at: number) => new Date(at).toISOString();
  if (status === 'PAUSED') say('campaign_paused', 'The campaign is paused: nothing is settled.');
  if (now.getTime() < from) say('not_started', `Its views count from ${date(from)} on.`);
  if (now.getTime() >= to) {
    const end = endOf(campaign);
    const over = end !== null && ms(end) <= now.getTime();
    say('window_over', `Its views counted until ${date(to)}${over ? ', the end of the campaign' : ''}.`); // prettier-ignore
  }
  const high = restsOn(entry, terms).highWater;
  if (!high && now.getTime() >= from && now.getTime() < to)
    say('not_seen', 'It has not been scraped since its approval.');
  if (high && high.views < terms.minViews)
    say('below_min_views', `It has ${high.views} views: it earns from ${terms.minViews} on.`);
  if (terms.maxPayoutPerClip !== null && earnedBy(entry, terms) >= terms.maxPayoutPerClip)
    say('at_cap', `It has earned ${money(terms.maxPayoutPerClip)}, the most for a clip.`);
  const most = terms.maxPayoutPerCreator ?? null;
  if (most !== null && known.takenByCreator >= most)
    say('at_creator_cap', `Its creator has earned ${money(most)}, the most for a creator.`);
}

function ofMoney(entry: ClipEntry, campaign: Campaign, known: Known, say: Say): void {
  const money = (amount: number) => formatMoney(amount, campaign.terms.currency);
  const due = dueOf(entry, campaign);
  if (remainingOf(campaign) <= 0 && entry.status === 'APPROVED')
    say('budget_gone', `The budget is used up${due > 0 ? `: ${money(due)} is due, and is paid if the brand adds to it` : ''}.`); // prettier-ignore
  else if (due > 0 && campaign.status !== 'PAUSED')
    say('settling', `${money(due)} is due and not settled yet.`);
  const { validating, payable } = known;
  if (validating)
    say('validating', `${money(validating.amount)} can be paid out from ${validating.until} on.`);
  const kept = payable.kept.find(({ campaignId }) => campaignId === campaign.campaignId);
  if (kept)
    say('below_minimum', `${money(kept.amount)} of this campaign can be paid out from ${money(kept.minimum)} on, or when all campaigns of the creator are over.`); // prettier-ignore
}

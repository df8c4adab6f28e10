import {
  isSameAccount,
  type CampaignTerms,
  type HoldCode,
  type SeenPost,
} from '@cliptally/contracts';
import { shownName, type Account } from './account.js';
import type { Campaign } from './campaign.js';
import { BY_ELIGIBILITY, type ClipEntry } from './clip.js';
import { decideHold, decideRelease, REVIEW_AFTER_MS } from './clip-review.js';
import type { Decided } from './fact.js';

/** What is known of a clip's post, and the accounts that its creator has proved to own. */
export interface PostFacts {
  /** Null while no scrape has looked. */
  post: SeenPost | null;
  owned: readonly Account[];
}

export interface Shortfall {
  code: HoldCode;
  reason: string;
}

type Terms = Pick<CampaignTerms, 'requireOwnedAccount' | 'requiredText'>;

/** What the campaign asks of the clip and the clip, as far as it was seen, does not have. */
export function shortfallsOf(
  { creatorId }: Pick<ClipEntry, 'creatorId'>,
  { requireOwnedAccount, requiredText }: Terms,
  { post, owned }: PostFacts,
): Shortfall[] {
  const found: Shortfall[] = [];
  const account = post?.account;
  if (requireOwnedAccount && account && !owned.some((one) => isSameAccount(one, account)))
    found.push({
      code: 'foreign_author',
      reason: `The clip is on ${shownName(account)}, which "${creatorId}" has not proved to own.`,
    });
  if (requiredText && textSeen(requiredText, post) === 'missing')
    found.push({
      code: 'missing_text',
      reason: `The caption has none of ${requiredText.join(', ')}.`,
    });
  return found;
}

/** What the campaign asks of the clip, the source was asked for, and did not say. */
export function unknownsOf(
  { requireOwnedAccount, requiredText }: Terms,
  post: SeenPost | null,
): ('author_unknown' | 'text_unknown')[] {
  if (!post) return [];
  return [
    ...(requireOwnedAccount && !post.account ? (['author_unknown'] as const) : []),
    ...(requiredText && textSeen(requiredText, post) === 'unknown'
      ? (['text_unknown'] as const)
      : []),
  ];
}

function textSeen(wanted: readonly string[], post: SeenPost | null) {
  const { found = [], missing = [] } = post?.text ?? {};
  if (wanted.some((one) => found.includes(one))) return 'there';
  return wanted.every((one) => missing.includes(one)) ? 'missing' : 'unknown';
}

/**
 * Holds a clip that lacks what its campaign asks for, and releases it when it has it. A person who
 * has released it has seen what it lacks.
 */
export function decideEligibility(
  entry: ClipEntry,
  { terms }: Campaign,
  facts: PostFacts,
  now: Date,
): Decided<'ClipHeld' | 'ClipReleased'>[] {
  if (entry.status === 'REJECTED') return [];
  const lacking = shortfallsOf(entry, terms, facts);
  const { hold } = entry;
  if (hold?.code !== undefined)
    return lacking.some(({ code }) => code === hold.code)
      ? []
      : decideRelease(entry, { by: BY_ELIGIBILITY });
  const [first] = lacking.filter(({ code }) => !entry.cleared?.rules.includes(code));
  if (hold || !first) return [];
  const reviewAt = new Date(now.getTime() + REVIEW_AFTER_MS).toISOString();
  return decideHold(entry, { ...first, reviewAt, by: BY_ELIGIBILITY }, now);
}

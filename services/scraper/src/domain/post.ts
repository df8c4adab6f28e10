import {
  codesIn,
  derivedId,
  textIn,
  type AccountName,
  type PostChecks,
  type SeenPost,
} from '@cliptally/contracts';

/** What a source gives of a post beside its figures. Nothing of it is kept but {@link SeenPost}. */
export interface Post {
  /** Null if the source does not say whose account it is. */
  account: AccountName | null;
  bio: string | null;
  /** Title and caption; `whole` if all that its author wrote is there. */
  caption: { text: string; whole: boolean } | null;
}

const NOTHING: SeenPost = { account: null, codes: [], text: null };

/**
 * What a scrape tells of the things that its request asks for. What a source does not say stays as
 * it was seen before: missing is not gone.
 */
export function seenPost(
  checks: PostChecks,
  post: Post | undefined,
  before: SeenPost | null,
): SeenPost {
  const known = before ?? NOTHING;
  if (!post) return known;
  return {
    ...(checks.account ? accountOf(post, known) : { account: known.account, codes: known.codes }),
    text: checks.text ? (textOf(post, checks.text) ?? known.text) : known.text,
  };
}

function accountOf({ account, bio, caption }: Post, known: SeenPost) {
  const names = account && {
    handle: account.handle ?? (isOne(account, known.account) ? known.account!.handle : null),
    externalId: account.externalId ?? (isOne(account, known.account) ? known.account!.externalId : null),
  }; // prettier-ignore
  const read = bio !== null || caption !== null;
  return {
    account: names ?? known.account,
    codes: read ? codesIn(bio ?? '', caption?.text ?? '') : known.codes,
  };
}

/** Whether one name of the two is the same and the other unknown to the first. */
const isOne = (a: AccountName, b: AccountName | null): boolean =>
  b !== null &&
  (a.handle === null ? a.externalId === b.externalId : a.externalId === null && a.handle === b.handle); // prettier-ignore

function textOf({ caption }: Post, wanted: readonly string[]): SeenPost['text'] {
  if (caption === null) return null;
  const found = textIn(caption.text, wanted);
  if (!caption.whole && found.length === 0) return null;
  return { found, missing: caption.whole ? wanted.filter((one) => !found.includes(one)) : [] };
}

/** What is kept of a post beside the log: nothing that names its author. */
export interface KeptPost {
  text: SeenPost['text'];
  /** Of what the source said to these checks: who says the same again says nothing new. */
  digest: string;
}

export const digestOf = (clipId: string, checks: PostChecks, post: Post | undefined): string =>
  derivedId('post', clipId, JSON.stringify([checks, post ? seenPost(checks, post, null) : null]));

/** Whether the observation before is an answer to what is asked for. */
export function answers(checks: PostChecks | undefined, before: KeptPost | undefined): boolean {
  if (!checks) return true;
  if (checks.fresh || !before) return false;
  const judged = [...(before.text?.found ?? []), ...(before.text?.missing ?? [])];
  return (checks.text ?? []).every((one) => judged.includes(one));
}

export const isSamePost = (a: SeenPost, b: SeenPost | null): boolean =>
  b !== null && JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
const ordered = ({ account, codes, text }: SeenPost) => [
  account?.handle,
  account?.externalId,
  codes,
  text?.found,
  text?.missing,
];

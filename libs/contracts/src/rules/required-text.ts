import type { CampaignTerms } from '../events/campaign.js';
import type { PostChecks } from '../events/scrape.js';

/** As texts are compared: one form of each character, no case, one space for any. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[\u200b-\u200d\u2060\ufeff]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();

const IN_WORD = /^[\p{L}\p{M}\p{N}_]/u;
/** A handle goes on after a dot, if a letter follows it. */
const IN_HANDLE = /^(\.?[\p{L}\p{M}\p{N}_])/u;
/** Scripts that put no spaces between words. */
const UNSPACED = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u; // prettier-ignore

/**
 * Which of the wanted texts a caption has. A text that begins or ends inside a word of the caption
 * is not there: "#ad" is not in "#adventure", and "@acme" not in "@acme.fans".
 */
export function textIn(caption: string, wanted: readonly string[]): string[] {
  const text = plain(caption);
  return wanted.filter((one) => has(text, plain(one)));
}

function has(text: string, wanted: string): boolean {
  if (wanted === '') return false;
  const isTag = /^[#@]/.test(wanted);
  const goesOn = wanted.startsWith('@') ? IN_HANDLE : IN_WORD;
  const joined = (edge: string, next: string, word: RegExp) =>
    IN_WORD.test(edge) && word.test(next) && (isTag || !(UNSPACED.test(edge) && UNSPACED.test(next))); // prettier-ignore
  const [first, last] = [/^./u.exec(wanted)![0], /.$/u.exec(wanted)![0]];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const before = /.$/u.exec(text.slice(0, at))?.[0] ?? '';
    const after = text.slice(at + wanted.length);
    if (!joined(first, before, IN_WORD) && !joined(last, after, goesOn)) return true;
  }
  return false;
}

/** What scrapes have to check for a campaign with these terms; null for the figures alone. */
export const checksOf = ({
  requireOwnedAccount,
  requiredText = [],
}: Pick<CampaignTerms, 'requireOwnedAccount' | 'requiredText'>): PostChecks | null =>
  mergedChecks([
    {
      ...(requireOwnedAccount && { account: true }),
      ...(requiredText.length > 0 && { text: requiredText }),
    },
  ]);

/** What a scrape has to check for all of several campaigns. */
export function mergedChecks(all: readonly PostChecks[]): PostChecks | null {
  const text = [...new Set(all.flatMap((one) => one.text ?? []))].toSorted();
  const account = all.some((one) => one.account);
  const fresh = all.some((one) => one.fresh);
  if (!account && !fresh && text.length === 0) return null;
  return { ...(account && { account }), ...(fresh && { fresh }), ...(text.length > 0 && { text }) };
}

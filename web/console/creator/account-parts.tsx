import { Tag, type Kind } from '../../ui/controls.js';
import { PLATFORMS, platformName } from '../../ui/format.js';
import type { Item } from '../app/routes.js';

export type Account = Item<'GET /accounts'>;

const STATES: Record<Account['status'], readonly [Kind, string]> = {
  CLAIMED: ['warn', 'Not proved yet'],
  VERIFIED: ['good', 'Proved'],
  RELEASED: ['quiet', 'Given up'],
};

export function AccountState({ status, contested }: Pick<Account, 'status' | 'contested'>) {
  const [kind, words] = STATES[status];
  return contested ? <Tag kind="bad">Somebody else has it</Tag> : <Tag kind={kind}>{words}</Tag>;
}

export const accountName = ({ handle, externalId }: Account): string =>
  handle === null ? `account ${externalId}` : `@${handle}`;

/** An account's page at its platform: by its handle, else by the id that it has there. */
const PAGES: Record<Account['platform'], readonly [byHandle: string, byId: string]> = {
  tiktok: ['https://www.tiktok.com/@', 'https://www.tiktok.com/@'],
  youtube: ['https://www.youtube.com/@', 'https://www.youtube.com/channel/'],
  instagram: ['https://www.instagram.com/', 'https://www.instagram.com/'],
  x: ['https://x.com/', 'https://x.com/i/user/'],
  facebook: ['https://www.facebook.com/', 'https://www.facebook.com/profile.php?id='],
};
const pageOf = ({ platform, handle, externalId }: Account): string =>
  handle === null
    ? PAGES[platform][1] + encodeURIComponent(externalId ?? '')
    : PAGES[platform][0] + encodeURIComponent(handle);

/** The platform's mark, and the account's name as a link to its page there. */
export const AccountName = ({ account }: { account: Account }) => (
  <span class="clip-name">
    <span class="platform" aria-hidden="true">
      {PLATFORMS[account.platform]?.mark}
    </span>
    <span>
      <a href={pageOf(account)} target="_blank" rel="noreferrer noopener">
        {accountName(account)}
      </a>
      <small class="muted">{platformName(account.platform)}</small>
    </span>
  </span>
);

/** How far the check of a claim is, for creators and admins. */
export function checkWords({ check, platform }: Account): string {
  const site = platformName(platform);
  if (!check) return `No clip on ${site} is scraped yet, and so nothing has been read.`;
  if (check.scrapedAt === null) return 'The clip was not scraped yet.';
  if (check.read === 'another_account')
    return 'The clip that was read is on another account: submit one of this account.';
  if (check.read === 'nothing')
    return 'The scrape did not say whose account the clip is on. Nothing is decided by that.';
  return 'The account was read, and the code was not there.';
}

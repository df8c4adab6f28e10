import { Controller, Get, Inject, Post } from '@nestjs/common';
import { accountIdsOf, derivedId, isSameAccount, type Clock } from '@cliptally/contracts';
import { AccountAnswer, AccountsAnswer, ScrapeRequestAnswer } from '@cliptally/contracts/api';
import { Commands } from '../commands/commands.js';
import type { Done } from '../commands/execution.js';
import {
  accountNameOf,
  claimTo,
  decideAccountRelease,
  decideClaim,
  requireClip,
  shownName,
  type Account,
} from '../domain/account.js';
import { accountOwners, accountPage, accountsById, accountsOf, clipsToRead, type ReadClip, type AccountFilter } from '../queries/accounts.js'; // prettier-ignore
import { Tables } from '../queries/tables.js';
import {
  AccountConfirmation,
  AccountRelease,
  AccountsQuery,
  NewAccount,
  OwnAccountsQuery,
} from './account-schemas.js';
import type { Caller } from '@cliptally/contracts/api';
import { requireOwner, requireSelf } from './auth/ownership.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, pageOf, placeIn } from './paging.js';
import type { Nothing } from './schemas.js';
import { CLOCK } from './tokens.js';

/** A claim is read by a scrape at most once in this time. */
const READ_EVERY_MS = 3_600_000;

/** Which accounts of platforms are a creator's own, and how that is proved. */
@Controller()
export class AccountsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('creators/:id/accounts')
  @Operation({
    summary: "Say that an account is the creator's own; its code proves it",
    roles: ['admin', 'creator'],
    status: 201,
    body: NewAccount,
    answer: AccountAnswer,
    refusals: ['too_many_accounts', 'creator_erased'],
  })
  async claimAccountOf(@Ask() { caller, params, body, commandId }: Asked<NewAccount>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The accounts of "${creatorId}"`);
    const { platform } = body;
    const name = accountNameOf(platform, body);
    const claimId = derivedId(commandId, 'account');
    const claim = { ...name, creatorId, platform, by: caller.subject };
    const done = await this.commands.claims(commandId, creatorId, (own) =>
      decideClaim(own, claim, claimId),
    );
    const made = claimTo(await accountsOf(this.tables, creatorId), claim);
    return this.#shown(made?.claimId ?? claimId, done, 201);
  }

  @Get('creators/:id/accounts')
  @Operation({
    summary: 'The accounts that a creator has claimed, oldest first',
    roles: ['admin', 'creator'],
    status: 200,
    query: OwnAccountsQuery,
    answer: AccountsAnswer,
  })
  listAccountsOf(@Ask() { caller, params, query }: Asked<Nothing, OwnAccountsQuery>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The accounts of "${creatorId}"`);
    return this.#page({ ...query, creatorId });
  }

  @Get('accounts')
  @Operation({
    summary: 'List claims to accounts, oldest first: those that wait are CLAIMED',
    roles: ['admin'],
    status: 200,
    query: AccountsQuery,
    answer: AccountsAnswer,
  })
  list(@Ask() { query }: Asked<Nothing, AccountsQuery>) {
    return this.#page(query);
  }

  @Post('accounts/:id/verify')
  @Operation({
    summary: 'Search for the code now, by a scrape of a clip of the account; once an hour',
    roles: ['admin', 'creator'],
    status: 202,
    answer: ScrapeRequestAnswer,
    refusals: ['no_clip_to_read', 'account_released'],
  })
  async verify(@Ask() { caller, params, commandId }: Asked) {
    const account = await this.#ownAccount(caller, params['id']!);
    const hour = Math.floor(this.clock.now().getTime() / READ_EVERY_MS);
    const requestId = derivedId('account-scrape', account.claimId, hour);
    const scrape = await this.tables.snapshot(async (snapshot) => {
      const best = (await clipsToRead(snapshot, [account.claimId])).get(account.claimId);
      const clipId = requireClip(account, best?.clip_id ?? null);
      const [clip] = await snapshot.clipRows([clipId]);
      const entries = await snapshot.entriesOf(clipId);
      return {
        requestId,
        clipId,
        platform: account.platform,
        url: clip!.url,
        campaignIds: entries.flatMap((one) => (one.status === 'REJECTED' ? [] : one.campaignId)),
        checks: { account: true, fresh: true } as const,
      };
    });
    await this.commands.track(commandId, [scrape]);
    return { requestId };
  }

  @Post('accounts/:id/confirm')
  @Operation({
    summary: "Say that the account is the creator's; takeOver takes it from another creator",
    roles: ['admin'],
    status: 200,
    body: AccountConfirmation,
    answer: AccountAnswer,
    refusals: ['account_owned', 'account_released'],
  })
  async confirm(@Ask() { caller, params, body, commandId }: Asked<AccountConfirmation>) {
    const account = await this.#ownAccount(caller, params['id']!);
    const how = { proof: 'admin', takeOver: body.takeOver, by: caller.subject } as const;
    const done = await this.commands.verifyAccount(commandId, account, how);
    return this.#shown(account.claimId, done, 200);
  }

  @Post('accounts/:id/release')
  @Operation({
    summary: "Say that the account is the creator's no more",
    roles: ['admin', 'creator'],
    status: 200,
    body: AccountRelease,
    answer: AccountAnswer,
  })
  async release(@Ask() { caller, params, body, commandId }: Asked<AccountRelease>) {
    const { claimId, creatorId } = await this.#ownAccount(caller, params['id']!);
    const how = { reason: body.reason || 'Its creator released it.', by: caller.subject };
    const done = await this.commands.claims(commandId, creatorId, (own) => {
      const account = own.find((one) => one.claimId === claimId)!;
      return decideAccountRelease(account, how);
    });
    return this.#shown(claimId, done, 200);
  }

  async #ownAccount(caller: Caller, id: string): Promise<Account> {
    const [account] = await accountsById(this.tables, [id]);
    requireOwner(caller, account ?? null, `account "${id}"`);
    return account!;
  }

  async #page({
    limit,
    cursor,
    ...filter
  }: AccountFilter & { limit: number; cursor?: string | undefined }): Promise<{
    items: AccountAnswer[];
    next: string | null;
  }> {
    const after = placeIn(cursor, isInstantAndId, 'accounts');
    const rows = await accountPage(this.tables, filter, { after, limit: limit + 1 });
    const place = (one: Account) => [one.claimedAt, one.claimId];
    const { rows: shown, next } = pageOf(rows, limit, place, 'accounts');
    return { items: await this.#views(shown), next };
  }

  async #views(accounts: readonly Account[]): Promise<AccountAnswer[]> {
    const idsOf = (one: Account) => accountIdsOf(one.platform, one);
    const owners = await accountOwners(this.tables, accounts.flatMap(idsOf));
    const open = accounts.filter(({ status }) => status === 'CLAIMED');
    const clips = await clipsToRead(
      this.tables,
      open.map(({ claimId }) => claimId),
    );
    return accounts.map((account) => {
      const contested = owners.some(
        (row) =>
          row.creator_id !== null &&
          row.creator_id !== account.creatorId &&
          idsOf(account).includes(row.account_id),
      );
      return accountView(
        account,
        account.status === 'CLAIMED' && contested,
        clips.get(account.claimId),
      );
    });
  }

  async #shown(claimId: string, { visible }: Done, status: number): Promise<Answer> {
    const [account] = visible ? await accountsById(this.tables, [claimId]) : [];
    const location = '/accounts';
    if (!account) return new Answer(202, { accountId: claimId, location }, { location });
    return new Answer(status, (await this.#views([account]))[0]);
  }
}

/** Platforms whose sources do not give an account's bio. */
const WITHOUT_BIO: readonly string[] = ['instagram', 'facebook'];

function accountView(
  { claimId: accountId, ...account }: Account,
  contested: boolean,
  clip: ReadClip | undefined,
): AccountAnswer {
  const { platform, code, status } = account;
  const withoutBio = WITHOUT_BIO.includes(platform);
  const place = withoutBio
    ? 'in the caption of a clip of it: the sources do not give its bio'
    : 'in its bio, or in the caption of a clip of it';
  const sentence = {
    CLAIMED: contested
      ? `${shownName(account)} is an account of another creator: ask an admin.`
      : `Put ${code} ${place}. It is read with the next scrape of a clip of ${shownName(account)}; POST /accounts/${accountId}/verify asks for one now.`,
    VERIFIED: `${shownName(account)} is proved to be yours.`,
    RELEASED: `It is yours no more: ${account.reason}`,
  }[status];
  const places = withoutBio ? (['caption'] as const) : (['bio', 'caption'] as const);
  const check = clip ? checkView(account, clip) : null;
  return { accountId, ...account, places: [...places], check, contested, sentence };
}

function checkView(
  name: Omit<Account, 'claimId'>,
  { clip_id: clipId, observed_at: observedAt, post }: ReadClip,
): AccountAnswer['check'] {
  const seen = post?.account ?? null;
  const read = seen === null ? 'nothing' : isSameAccount(name, seen) ? 'this' : 'another';
  return {
    clipId,
    scrapedAt: observedAt?.toISOString() ?? null,
    read: read === 'nothing' ? read : `${read}_account`,
  };
}

import { Controller, Get, Inject } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import { CatalogueAnswer, CatalogueEntryAnswer, LeaderboardAnswer } from '@cliptally/contracts/api';
import { endOf, remainingOf } from '../domain/campaign.js';
import { DAY_MS, ms } from '../domain/fact.js';
import { paceOf } from '../domain/pace.js';
import { termsInWords } from '../domain/terms-in-words.js';
import {
  figuresOf,
  leaderboard,
  publicCampaigns,
  takesPart,
  type CampaignFigures,
} from '../queries/catalogue.js';
import type { FoundCampaign } from '../queries/found-rows.js';
import { Tables, type Snapshot } from '../queries/tables.js';
import { owns } from './auth/ownership.js';
import { ownCampaignOf } from './campaign-of.js';
import { CatalogueQuery, LeaderboardQuery } from './catalogue-schemas.js';
import { Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, isPosition, pageOf, placeIn } from './paging.js';
import { notFound } from './problem.js';
import type { Nothing } from './schemas.js';
import { CLOCK } from './tokens.js';

/** What creators may know of campaigns that show it (`publicCatalogue`), before they submit. */
@Controller()
export class CatalogueController {
  constructor(
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('catalogue')
  @Operation({
    summary: 'Campaigns to submit clips to, newest first, with what creators want to know',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: CatalogueQuery,
    answer: CatalogueAnswer,
  })
  async browse(@Ask() { query }: Asked<Nothing, CatalogueQuery>) {
    const { limit, cursor } = query;
    const after = placeIn(cursor, isInstantAndId, 'catalogue');
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const found = await publicCampaigns(snapshot, { after, limit: limit + 1 });
      const { rows, next } = pageOf(
        found,
        limit,
        (row) => [row.launched_at.toISOString(), row.campaign_id],
        'catalogue',
      );
      const ids = rows.map((row) => row.campaign_id);
      const figures = await figuresOf(snapshot, ids, now);
      return { items: rows.map((row) => entryView(row, figures.get(row.campaign_id)!, now)), next };
    });
  }

  @Get('catalogue/:id')
  @Operation({
    summary: 'What creators want to know of a campaign before they submit a clip to it',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: CatalogueEntryAnswer,
  })
  async showEntry(@Ask() { caller, params }: Asked) {
    const id = params['id']!;
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const row = await snapshot.campaignRow(id);
      if (
        !row ||
        !(row.state.terms.publicCatalogue || owns(caller, { brandId: row.state.brandId }))
      )
        throw notFound(`The campaign "${id}" is not in the catalogue.`);
      return entryView(row, (await figuresOf(snapshot, [id], now)).get(id)!, now);
    });
  }

  @Get('campaigns/:id/leaderboard')
  @Operation({
    summary: 'Creators of a campaign by what they have earned, or by views',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: LeaderboardQuery,
    answer: LeaderboardAnswer,
  })
  async leaderboardOf(@Ask() { caller, params, query }: Asked<Nothing, LeaderboardQuery>) {
    const id = params['id']!;
    const { limit, cursor, by } = query;
    return this.tables.snapshot(async (snapshot) => {
      const isCreator = caller.role === 'creator';
      const { state } = isCreator
        ? await boardOf(snapshot, id, caller.subject)
        : await ownCampaignOf(snapshot, caller, id);
      const { leaderboardNames = false, currency } = state.terms;
      const from = placeIn(cursor, isPosition, `leaderboard ${by}`) ?? 0;
      const found = await leaderboard(snapshot, id, { by, from, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, () => from + limit, `leaderboard ${by}`);
      const items = rows.map(({ creator_id, rank, clips, views, earned }) => {
        const own = isCreator && creator_id === caller.subject;
        const isShown = !isCreator || own || leaderboardNames;
        return { rank, creatorId: isShown ? creator_id : null, own, clips, views, earned };
      });
      return { campaignId: id, currency, creators: found[0]?.creators ?? 0, items, next };
    });
  }
}

/** The campaign if it shows a creator its leaderboard. */
async function boardOf(snapshot: Snapshot, id: string, creatorId: string): Promise<FoundCampaign> {
  const row = await snapshot.campaignRow(id);
  if (row?.state.terms.publicCatalogue || (row && (await takesPart(snapshot, id, creatorId))))
    return row;
  throw notFound(`There is no leaderboard of "${id}" for you: it is for creators who take part.`);
}

function entryView(
  { campaign_id: campaignId, state }: FoundCampaign,
  { spending, ...figures }: CampaignFigures,
  now: Date,
): CatalogueEntryAnswer {
  const { name, status, terms } = state;
  const end = endOf(state);
  const toEnd = end === null ? null : Math.max(0, (ms(end) - now.getTime()) / DAY_MS);
  const atPace = paceOf(state, spending, now).daysLeft.expected;
  const left = [toEnd, atPace].filter((days) => days !== null);
  return {
    campaignId,
    name,
    status,
    currency: terms.currency,
    ratePerThousand: terms.ratePerThousand,
    platforms: terms.platforms ?? null,
    startsAt: terms.startsAt,
    endsAt: end,
    remaining: remainingOf(state),
    daysLeft: left.length > 0 ? Math.min(...left) : null,
    ...figures,
    terms: termsInWords(terms, now, 'creator'),
  };
}

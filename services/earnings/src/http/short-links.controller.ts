import { Controller, Get, Inject } from '@nestjs/common';
import { requireOwner } from './auth/access.js';
import { Tables } from '../queries/tables.js';
import { ShortLinkAnswer, ShortLinksAnswer } from '@cliptally/contracts/api';
import { ownCampaignOf, requireBrandsCampaign } from './campaign-of.js';
import { Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, pageOf, placeIn } from './paging.js';
import { notFound } from './problem.js';
import { ShortLinksQuery, type Nothing } from './schemas.js';
import { shortLinkView } from './views.js';

/** Clips that were submitted by a short link which could not be followed at first. */
@Controller('short-links')
export class ShortLinksController {
  constructor(@Inject(Tables) private readonly tables: Tables) {}

  @Get()
  @Operation({
    summary: 'List submissions whose short link had to wait, newest first',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: ShortLinksQuery,
    answer: ShortLinksAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, ShortLinksQuery>) {
    const { limit, cursor, creatorId, ...filter } = query;
    await requireBrandsCampaign(this.tables, caller, filter.campaignId);
    const own = caller.role === 'creator' ? caller.subject : creatorId;
    const links = await this.tables.shortLinks({
      ...filter,
      creatorId: own,
      after: placeIn(cursor, isInstantAndId, 'short-links'),
      limit: limit + 1,
    });
    const { rows, next } = pageOf(
      links,
      limit,
      ({ submittedAt, linkId }) => [submittedAt, linkId],
      'short-links',
    );
    return { items: rows.map(shortLinkView), next };
  }

  @Get(':id')
  @Operation({
    summary: 'Show what became of a submission whose short link had to wait',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: ShortLinkAnswer,
  })
  async show(@Ask() { caller, params }: Asked) {
    const link = (await this.tables.shortLink(params['id']!))?.state;
    if (!link) throw notFound(`There is no short link "${params['id']}".`);
    if (caller.role === 'brand') await ownCampaignOf(this.tables, caller, link.campaignId);
    else requireOwner(caller, link, `The short link "${link.linkId}"`);
    return shortLinkView(link);
  }
}

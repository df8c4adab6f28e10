import { Controller, Get, Inject, Post } from '@nestjs/common';
import { identifyClip } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import { decideLinkRefusal } from '../domain/short-link.js';
import type { Queries } from '../queries/queries.js';
import { requireOwner } from './auth/ownership.js';
import { Tables } from '../queries/tables.js';
import { ShortLinkAnswer, ShortLinksAnswer } from '@cliptally/contracts/api';
import { requireBrandsCampaign } from './campaign-of.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, pageOf, placeIn } from './paging.js';
import { notAClip, notFound } from './problem.js';
import { LinkedClip, LinkRefusal, ShortLinksQuery, type Nothing } from './schemas.js';
import { shortLinkView } from './views.js';

/**
 * Clips that were submitted by a short link which could not be followed at first. If trying again
 * does not help, an admin says which clip it is.
 */
@Controller('short-links')
export class ShortLinksController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

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
    const id = params['id']!;
    const link = (await this.tables.shortLink(id))?.state;
    const campaign = link && (await this.tables.campaignRow(link.campaignId));
    const brandId = campaign?.state.brandId;
    requireOwner(
      caller,
      link ? { creatorId: link.creatorId, brandId } : null,
      `short link "${id}"`,
    );
    return shortLinkView(link!);
  }

  @Post(':id/resolve')
  @Operation({
    summary: 'Say which clip a short link is, also of one that was refused',
    roles: ['admin'],
    status: 200,
    body: LinkedClip,
    answer: ShortLinkAnswer,
    refusals: [
      'creator_erased',
      'not_found',
      'not_a_clip',
      'link_state',
      'submissions_of_day',
      'too_many_pending',
      'clip_already_submitted',
      'clip_exclusive',
      'clip_retired',
      'campaign_state',
      'campaign_over',
    ],
  })
  async resolve(@Ask() { caller, params, body, commandId }: Asked<LinkedClip>) {
    const id = params['id']!;
    const clip = identifyClip(body.url);
    if (clip.kind === 'refused') throw notAClip(clip.message);
    if (clip.kind === 'short-link')
      throw notAClip(
        `${clip.url} is a short link itself. Open it, and paste the address that the browser then shows.`,
      );
    await linkIn(this.tables, id);
    const { visible } = await this.commands.link(commandId, id, clip, caller.subject);
    return this.#shown(id, visible);
  }

  @Post(':id/refuse')
  @Operation({
    summary: 'Say that a short link that waits is no clip, and why',
    roles: ['admin'],
    status: 200,
    body: LinkRefusal,
    answer: ShortLinkAnswer,
    refusals: ['not_found', 'link_state'],
  })
  async refuse(@Ask() { caller, params, body, commandId }: Asked<LinkRefusal>) {
    const id = params['id']!;
    const { visible } = await this.commands.shortLink(
      commandId,
      id,
      async (_link, _now, snapshot) =>
        decideLinkRefusal((await linkIn(snapshot, id)).state, body.reason, caller.subject),
    );
    return this.#shown(id, visible);
  }

  async #shown(id: string, visible: boolean) {
    const { state } = await linkIn(this.tables, id);
    const location = `/short-links/${id}`;
    return visible ? shortLinkView(state) : new Answer(202, { linkId: id, location }, { location });
  }
}

/** 404 if there is no such link. */
async function linkIn(tables: Queries, id: string) {
  const found = await tables.shortLink(id);
  if (!found) throw notFound(`There is no short link "${id}".`);
  return found;
}

import { Controller, Get, Inject } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import { CampaignAtAnswer, ClipAtAnswer } from '@cliptally/contracts/api';
import type { EventStore } from '@cliptally/event-store';
import { campaignAt, clipAt, type Place } from '../queries/history.js';
import { Tables } from '../queries/tables.js';
import { owns } from './auth/ownership.js';
import { ownCampaignOf } from './campaign-of.js';
import { positionIn } from './events.controller.js';
import { Ask, Operation, type Asked } from './operation.js';
import { notFound } from './problem.js';
import { CLOCK, STORE } from './tokens.js';
import { campaignView, entryView } from './views.js';

/** What a campaign or a clip was at a position of the log, folded from the log itself. */
@Controller()
export class HistoryController {
  constructor(
    @Inject(STORE) private readonly store: EventStore,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('campaigns/:id/at/:position')
  @Operation({
    summary: 'Show a campaign as it was at a position of the log',
    roles: ['admin', 'brand'],
    status: 200,
    answer: CampaignAtAnswer,
    refusals: ['too_long'],
  })
  async campaignAt(@Ask() { caller, params }: Asked): Promise<CampaignAtAnswer> {
    const id = params['id']!;
    const position = positionIn(params);
    await ownCampaignOf(this.tables, caller, id);
    const then = await campaignAt(this.store, id, position);
    if (!then) throw notFound(`The campaign "${id}" was not launched yet at position ${position}.`);
    const row = { state: then.campaign, launched_at: then.launchedAt };
    return { ...placeView(then, position), campaign: campaignView(row, null, this.clock.now()) };
  }

  @Get('clips/:id/at/:position')
  @Operation({
    summary: 'Show a clip as it was at a position of the log, in the campaigns of the caller',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: ClipAtAnswer,
    refusals: ['too_long'],
  })
  async clipAt(@Ask() { caller, params }: Asked): Promise<ClipAtAnswer> {
    const id = params['id']!;
    const position = positionIn(params);
    const then = await clipAt(this.store, id, position);
    const entries = then?.entries ?? [];
    const visible = entries.filter(({ campaignId, creatorId }) =>
      owns(caller, { creatorId, brandId: then!.campaigns.get(campaignId)!.brandId }),
    );
    if (visible.length === 0)
      throw notFound(`There was no clip "${id}" of yours at position ${position}.`);
    const { views, observedAt, campaigns } = then!;
    return {
      ...placeView(then!, position),
      clipId: id,
      views,
      observedAt,
      campaigns: visible.map((entry) =>
        entryView(entry, campaigns.get(entry.campaignId)!, caller.role),
      ),
    };
  }
}

const placeView = ({ event, first, previous, next, last }: Place, position: number) => {
  const { data: _, version: __, ...node } = event;
  return { position, at: event.time, event: node, first, previous, next, last };
};

import { Controller, Get, Inject, Post } from '@nestjs/common';
import { CampaignLaunched, derivedId, type Clock } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import type { Done } from '../commands/execution.js';
import {
  decideEnd,
  decideLaunch,
  decidePause,
  decideResume,
  decideTopUp,
  evolveCampaign,
  type Campaign,
  type Launch,
} from '../domain/campaign.js';
import { decideVisibility } from '../domain/campaign-visibility.js';
import type { Decided } from '../domain/fact.js';
import { closeOutOf } from '../domain/close-out.js';
import { viewsIn, waitingIn } from '../queries/close-out.js';
import type { FoundCampaign } from '../queries/found-rows.js';
import { Tables } from '../queries/tables.js';
import {
  CampaignAnswer,
  CloseOutAnswer,
  CampaignsAnswer,
  StatementAnswer,
} from '@cliptally/contracts/api';
import { campaignOf, ownCampaignOf } from './campaign-of.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, pageOf, placeIn } from './paging.js';
import { forbidden } from './problem.js';
import {
  CampaignsQuery,
  CampaignVisibility,
  DryRun,
  NewCampaign,
  Nothing,
  StatementQuery,
  TopUp,
  WithReason,
} from './schemas.js';
import { statementPage } from './statement.js';
import { CLOCK } from './tokens.js';
import { campaignView, forCreators } from './views.js';

@Controller('campaigns')
export class CampaignsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Operation({
    summary: 'Launch a campaign',
    roles: ['admin', 'brand'],
    status: 201,
    body: NewCampaign,
    query: DryRun,
    answer: CampaignAnswer,
    refusals: ['campaign_exists', 'terms_faulty', 'not_funded'],
  })
  async launch(@Ask() { caller, body, query, commandId }: Asked<NewCampaign, DryRun>) {
    const {
      campaignId = `c-${derivedId(commandId).slice(0, 13)}`,
      brandId = caller.subject,
      name,
      ...terms
    } = body;
    if (caller.role === 'brand' && brandId !== caller.subject)
      throw forbidden('A brand launches campaigns of its own only: leave brandId out.');
    const launch = { campaignId, brandId, name, terms };
    if (query.dryRun === 'true') return this.#rehearse(commandId, launch);
    const done = await this.commands.campaign(commandId, campaignId, (campaign, now) =>
      decideLaunch(campaign, launch, now, this.commands.limits.mostMinPayout),
    );
    return this.#shown(campaignId, done, 201);
  }

  @Get()
  @Operation({
    summary: 'List campaigns, newest first',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: CampaignsQuery,
    answer: CampaignsAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, CampaignsQuery>) {
    const { limit, cursor, status, brandId } = query;
    // A brand sees its own; creators see what they may take part in.
    const own = caller.role === 'brand' ? caller.subject : brandId;
    const rows = await this.tables.campaigns({
      brandId: own,
      status: caller.role === 'creator' ? 'ACTIVE' : status,
      after: placeIn(cursor, isInstantAndId, 'campaigns'),
      limit: limit + 1,
    });
    const { rows: shown, next } = pageOf(
      rows,
      limit,
      (row) => [row.launched_at.toISOString(), row.campaign_id],
      'campaigns',
    );
    const now = this.clock.now();
    const view = (row: FoundCampaign) =>
      caller.role === 'creator' ? forCreators(row, now) : campaignView(row, null, now);
    return { items: shown.map(view), next };
  }

  @Get(':id')
  @Operation({
    summary: 'Show a campaign with its pace',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: CampaignAnswer,
  })
  async show(@Ask() { caller, params }: Asked) {
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const id = params['id']!;
      if (caller.role === 'creator') return forCreators(await campaignOf(snapshot, id), now);
      const row = await ownCampaignOf(snapshot, caller, id);
      const spending = await snapshot.spending(row.campaign_id, now);
      const views = await viewsIn(snapshot, row.campaign_id);
      return { ...campaignView(row, spending, now), views };
    });
  }

  @Post(':id/top-up')
  @Operation({
    summary: 'Add to the budget',
    roles: ['admin', 'brand'],
    status: 200,
    body: TopUp,
    query: DryRun,
    answer: CampaignAnswer,
    refusals: ['campaign_state', 'budget_too_large', 'not_funded'],
  })
  topUp(@Ask() asked: Asked<TopUp, DryRun>) {
    const { caller, body, query, params } = asked;
    const added = { amount: body.amount, by: caller.subject };
    if (query.dryRun !== 'true')
      return this.#change(asked, (campaign) => decideTopUp(campaign, added));
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const row = await ownCampaignOf(snapshot, caller, params['id']!);
      await this.commands
        .rehearsal()
        .campaign(asked.commandId, row.campaign_id, (campaign) => decideTopUp(campaign!, added));
      const [{ type, data }] = decideTopUp(row.state, added) as [Decided<'CampaignToppedUp'>];
      const fact = { type, id: '', time: now.toISOString(), data };
      const state = evolveCampaign(row.state, fact);
      return campaignView({ ...row, state }, await snapshot.spending(row.campaign_id, now), now);
    });
  }

  @Post(':id/pause')
  @Operation({
    summary: 'Pause: no scrapes, no new clips, no accruals',
    roles: ['admin', 'brand'],
    status: 200,
    body: WithReason,
    answer: CampaignAnswer,
    refusals: ['campaign_state'],
  })
  pause(@Ask() asked: Asked<WithReason>) {
    const { reason } = asked.body;
    return this.#change(asked, (campaign) =>
      decidePause(campaign, { reason, by: asked.caller.subject }),
    );
  }

  @Post(':id/resume')
  @Operation({
    summary: 'Resume a paused campaign',
    roles: ['admin', 'brand'],
    status: 200,
    body: Nothing,
    answer: CampaignAnswer,
    refusals: ['campaign_state'],
  })
  resume(@Ask() asked: Asked) {
    return this.#change(asked, (campaign) => decideResume(campaign, { by: asked.caller.subject }));
  }

  @Post(':id/end')
  @Operation({
    summary: 'End for good; what was seen before is still settled',
    roles: ['admin', 'brand'],
    status: 200,
    body: WithReason,
    answer: CampaignAnswer,
    refusals: ['campaign_state'],
  })
  end(@Ask() asked: Asked<WithReason>) {
    const { reason } = asked.body;
    return this.#change(asked, (campaign) =>
      decideEnd(campaign, { reason, by: asked.caller.subject }),
    );
  }

  @Post(':id/visibility')
  @Operation({
    summary:
      'Say whether the catalogue shows it, and whether creators see names on its leaderboard',
    roles: ['admin', 'brand'],
    status: 200,
    body: CampaignVisibility,
    answer: CampaignAnswer,
  })
  setVisibility(@Ask() asked: Asked<CampaignVisibility>) {
    const { body, caller } = asked;
    return this.#change(asked, (campaign) => decideVisibility(campaign, body, caller.subject));
  }

  @Get(':id/statement')
  @Operation({
    summary: 'Every line of what a campaign has paid',
    roles: ['admin', 'brand'],
    status: 200,
    query: StatementQuery,
    answer: StatementAnswer,
  })
  async statement(@Ask() { caller, params, query }: Asked<Nothing, StatementQuery>) {
    const row = await ownCampaignOf(this.tables, caller, params['id']!);
    return statementPage(this.tables, { campaign_id: row.campaign_id }, query);
  }

  @Get(':id/close-out')
  @Operation({
    summary: 'What a campaign still waits for, and what goes back to the brand',
    roles: ['admin', 'brand'],
    status: 200,
    answer: CloseOutAnswer,
  })
  async closeOut(@Ask() { caller, params }: Asked) {
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const { campaign_id: id, state } = await ownCampaignOf(snapshot, caller, params['id']!);
      return closeOutOf(state, await waitingIn(snapshot, id), now);
    });
  }

  async #change({ caller, params, commandId }: Asked, decide: (campaign: Campaign) => Decided[]) {
    const id = params['id']!;
    await ownCampaignOf(this.tables, caller, id);
    const done = await this.commands.campaign(commandId, id, (campaign) => decide(campaign!));
    return this.#shown(id, done, 200);
  }

  /** The campaign as it would be launched. */
  async #rehearse(commandId: string, launch: Launch): Promise<Answer> {
    const now = this.clock.now();
    const most = this.commands.limits.mostMinPayout;
    await this.commands
      .rehearsal()
      .campaign(commandId, launch.campaignId, (campaign) =>
        decideLaunch(campaign, launch, now, most),
      );
    const [{ type, data }] = decideLaunch(null, launch, now, most) as [Decided<'CampaignLaunched'>];
    const fact = { type, id: '', time: now.toISOString(), data: CampaignLaunched.parse(data) };
    const state = evolveCampaign(null, fact);
    return new Answer(200, campaignView({ state, launched_at: now }, null, now));
  }

  /** The new state, or its location if the tables are behind. */
  async #shown(id: string, { visible }: Done, status: number): Promise<Answer> {
    const location = `/campaigns/${id}`;
    if (!visible) return new Answer(202, { campaignId: id, location }, { location });
    return new Answer(
      status,
      campaignView(await campaignOf(this.tables, id), null, this.clock.now()),
      status === 201 ? { location } : {},
    );
  }
}

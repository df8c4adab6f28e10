import { Controller, Get, Inject } from '@nestjs/common';
import type { CampaignTerms } from '@cliptally/contracts';
import { WhyAnswer, type Role } from '@cliptally/contracts/api';
import { hashOfLine, type EventStore } from '@cliptally/event-store';
import { derivationOf } from '../domain/derivation.js';
import { explain } from '../domain/explain.js';
import { withSums, type StatementLine } from '../domain/statement.js';
import { lineIdOf, lineOfRow, type LedgerRow } from '../projection/table-rows.js';
import type { LedgerScope } from '../queries/found-rows.js';
import { Tables } from '../queries/tables.js';
import { eventsOfLine, exported, type LineEvent } from '../queries/line-events.js';
import { requireSelf } from './auth/ownership.js';
import { ownCampaignOf } from './campaign-of.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { badRequest, notFound } from './problem.js';
import { STORE } from './tokens.js';
import { lineView } from './views.js';

const NDJSON = { 'content-type': 'application/x-ndjson; charset=utf-8' };

/** Why a line of a statement is what it is, for those whose line it is. */
@Controller()
export class WhyController {
  constructor(
    @Inject(STORE) private readonly store: EventStore,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Get('creators/:id/statement/:line/why')
  @Operation({
    summary: 'Why a line of a creator is what it is: observation, rule, rate, cap, share, events',
    roles: ['admin', 'creator'],
    status: 200,
    answer: WhyAnswer,
    refusals: ['too_long'],
  })
  whyCreator(@Ask() asked: Asked): Promise<WhyAnswer> {
    return this.#why(asked, `/creators/${asked.params['id']}`, ofCreator(asked));
  }

  @Get('creators/:id/statement/:line/events')
  @Operation({
    summary:
      'The events that a line of a creator follows from, as JSON Lines with a hash chain, to compute it anew',
    roles: ['admin', 'creator'],
    status: 200,
    produces: 'application/x-ndjson',
    refusals: ['too_long'],
  })
  eventsCreator(@Ask() asked: Asked): Promise<Answer> {
    return this.#export(asked, ofCreator(asked));
  }

  @Get('campaigns/:id/statement/:line/why')
  @Operation({
    summary: 'Why a line of a campaign is what it is: observation, rule, rate, cap, share, events',
    roles: ['admin', 'brand'],
    status: 200,
    answer: WhyAnswer,
    refusals: ['too_long'],
  })
  async whyCampaign(@Ask() asked: Asked): Promise<WhyAnswer> {
    const id = asked.params['id']!;
    await ownCampaignOf(this.tables, asked.caller, id);
    return this.#why(asked, `/campaigns/${id}`, { campaign_id: id });
  }

  @Get('campaigns/:id/statement/:line/events')
  @Operation({
    summary:
      'The events that a line of a campaign follows from, as JSON Lines with a hash chain, to compute it anew',
    roles: ['admin', 'brand'],
    status: 200,
    produces: 'application/x-ndjson',
    refusals: ['too_long'],
  })
  async eventsCampaign(@Ask() asked: Asked): Promise<Answer> {
    const id = asked.params['id']!;
    await ownCampaignOf(this.tables, asked.caller, id);
    return this.#export(asked, { campaign_id: id });
  }

  async #export({ caller, params }: Asked, scope: LedgerScope): Promise<Answer> {
    const { row } = await this.#line(params['line']!, scope);
    const events = await eventsOfLine(this.store, row, caller.role === 'admin');
    return new Answer(200, (await exported(events)).join(''), NDJSON);
  }

  async #why({ caller, params }: Asked, of: string, scope: LedgerScope): Promise<WhyAnswer> {
    const { row, line } = await this.#line(params['line']!, scope);
    const terms = await this.tables.termsOf(row.campaign_id === null ? [] : [row.campaign_id]);
    const events = await eventsOfLine(this.store, row, caller.role === 'admin');
    const chain = await exported(events);
    const own = termsFor(caller.role, terms.get(row.campaign_id ?? '') ?? null);
    return {
      line: { ...lineView(line, terms), lineId: lineIdOf(row) },
      sentence: explain(line),
      currency: line.currency,
      campaignId: row.campaign_id,
      terms: own,
      steps: derivationOf(line, own),
      events: rolesOf(events, line),
      observation: observationOf(events, line),
      share: shareOf(events, line),
      chain: { events: chain.length, head: chain.length === 0 ? '' : hashOfLine(chain.at(-1)!) },
      export: `${of}/statement/${params['line']}/events`,
    };
  }

  /** 404 if the statement has no such line. */
  async #line(
    text: string,
    scope: LedgerScope,
  ): Promise<{ row: LedgerRow<Date>; line: StatementLine & { sum: number } }> {
    // prettier-ignore
    const [, position, nth] = /^(\d{1,15})-(\d{1,9})$/.exec(text) ?? [];
    if (position === undefined)
      throw badRequest('"line" in the address must be the lineId of a line of the statement.', [
        { field: 'line', message: 'must be a lineId, such as 4711-0' },
      ]);
    const { rows, opening } = await this.tables.ledger(scope, {
      after: [Number(position), Number(nth) - 1],
      limit: 1,
    });
    const [row] = rows;
    if (row?.position !== Number(position) || row.line !== Number(nth))
      throw notFound(`The statement has no line "${text}".`);
    return { row, line: withSums([lineOfRow(row)], opening)[0]! };
  }
}

function ofCreator({ caller, params }: Asked): LedgerScope {
  const creatorId = params['id']!;
  requireSelf(caller, { creatorId }, `The statement of "${creatorId}"`);
  return { creator_id: creatorId };
}

const ROLES: Readonly<Record<string, string>> = {
  CampaignLaunched: 'terms',
  ClipSubmitted: 'submission',
  ClipApproved: 'approval',
};

function termsFor(role: Role, terms: CampaignTerms | null): CampaignTerms | null {
  if (!terms || role !== 'creator') return terms;
  const { anomalyThreshold: _, ...others } = terms;
  return others;
}

/** What each event is for the line; those that are nothing for it are left out. */
function rolesOf(events: readonly LineEvent[], line: StatementLine): WhyAnswer['events'] {
  const baseline = baselineIn(events, line);
  return events.flatMap((event) => {
    const { data: _, version: __, withheld: ___, ...node } = event;
    const role =
      event.id === line.eventId
        ? 'line'
        : event.id === observedBy(line)
          ? 'observation'
          : event.id === baseline
            ? 'baseline'
            : ROLES[event.type];
    return role === undefined ? [] : [{ ...node, role }];
  });
}

const observedBy = (line: StatementLine) => (line.kind === 'accrued' ? line.observation : null);

/** The first observation that the line does not pay for. */
function baselineIn(events: readonly LineEvent[], line: StatementLine): string | null {
  if (!('basis' in line) || !line.basis || line.basis.baseline === 0) return null;
  const { baseline } = line.basis;
  const seen = events.find(({ type, data }) => type === 'ViewsRecorded' && (data as { views: number }).views === baseline); // prettier-ignore
  return seen?.id ?? null;
}

function observationOf(
  events: readonly LineEvent[],
  line: StatementLine,
): WhyAnswer['observation'] {
  // prettier-ignore
  const event = events.find(({ id }) => id === observedBy(line));
  if (event?.type !== 'ViewsRecorded') return null;
  const { views, observedAt, source } = event.data;
  return { eventId: event.id, views, observedAt, source };
}

/** Only what all clips together were due and got: of others, the line says no more. */
function shareOf(events: readonly LineEvent[], line: StatementLine): WhyAnswer['share'] {
  if (line.kind !== 'accrued' || line.amount === line.due) return null;
  const of = events.find(({ id }) => id === line.eventId)!;
  const together = events.filter(({ time }) => time === of.time);
  const paidToAll = together.reduce((sum, { type, data }) => (type === 'EarningsAccrued' ? sum + (data as { total: number }).total : sum), 0); // prettier-ignore
  const unpaid = together.reduce((sum, { type, data }) => (type === 'CampaignBudgetExhausted' ? sum + (data as { unpaid: number }).unpaid : sum), 0); // prettier-ignore
  const { due, amount } = line;
  return { due, amount, dueOfAll: paidToAll + unpaid, paidToAll };
}

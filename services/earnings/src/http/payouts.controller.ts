import { Controller, Get, Inject, Post } from '@nestjs/common';
import { derivedId, type Clock } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import type { Done } from '../commands/execution.js';
import type { Decided } from '../domain/fact.js';
import { decideOutsidePayment } from '../domain/outside-payment.js';
import {
  approvalWaitsUntil,
  decidePayoutApproval,
  decidePayoutFailure,
  decidePayoutPaid,
  decidePayoutRejection,
  decidePayoutRequest,
  type AccountStanding,
  type Payout,
} from '../domain/payout.js';
import { balanceFor, decideTransfers } from '../payouts/decide-transfers.js';
import { destinationOf, type PayoutProviders } from '../payouts/provider.js';
import { transferList, transferRecords } from '../payouts/transfer-list.js';
import type { Queries } from '../queries/queries.js';
import { Tables, type Snapshot } from '../queries/tables.js';
import { PayoutAnswer, PayoutsAnswer, TransfersAnswer } from '@cliptally/contracts/api';
import { requireOwner } from './auth/ownership.js';
import { Answer, Ask, Operation, type Asked, type UploadedFile } from './operation.js';
import { isPosition, pageOf, placeIn } from './paging.js';
import { forbidden, notFound } from './problem.js';
import {
  DryRun,
  NewOutsidePayment,
  NewPayout,
  Nothing,
  PayoutReason,
  PayoutReference,
  PayoutsQuery,
} from './schemas.js';
import { CLOCK, PROVIDERS } from './tokens.js';

@Controller()
export class PayoutsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(PROVIDERS) private readonly providers: PayoutProviders,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('payouts')
  @Operation({
    summary: 'Ask for a payout',
    roles: ['admin', 'creator'],
    status: 201,
    body: NewPayout,
    answer: PayoutAnswer,
    refusals: ['payout_exists', 'below_minimum', 'over_balance', 'creator_erased'],
  })
  async request(@Ask() { caller, body, commandId }: Asked<NewPayout>) {
    const {
      payoutId = `p-${derivedId(commandId).slice(0, 13)}`,
      creatorId = caller.subject,
      currency,
      amount,
    } = body;
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator asks for its own money only: leave creatorId out.');
    const done = await this.commands.payout(
      commandId,
      creatorId,
      payoutId,
      async (payout, now, snapshot) => {
        const balance = await snapshot.balance(creatorId, currency, now);
        return decidePayoutRequest(
          payout,
          balance,
          {
            payoutId,
            creatorId,
            currency,
            amount,
            destination: await snapshot.payoutAccount(creatorId),
          },
          await snapshot.campaignsOf(balance),
          now,
        );
      },
    );
    return this.#shown(payoutId, done, 201);
  }

  @Post('creators/:id/payments')
  @Operation({
    summary: 'Record a payment that was made outside, in one step',
    roles: ['admin'],
    status: 201,
    body: NewOutsidePayment,
    answer: PayoutAnswer,
    refusals: ['payout_exists', 'reference_taken', 'over_balance', 'creator_erased'],
  })
  async payment(@Ask() { caller, params, body, commandId }: Asked<NewOutsidePayment>) {
    const creatorId = params['id']!;
    const { payoutId = `p-${derivedId(commandId).slice(0, 13)}`, ...payment } = body;
    let shown = payoutId;
    const done = await this.commands.payout(
      commandId,
      creatorId,
      payoutId,
      async (payout, now, snapshot) => {
        const known = await snapshot.payoutPaidBy(creatorId, payment.externalReference);
        shown = known?.payoutId ?? payoutId;
        return decideOutsidePayment(
          payout,
          known,
          await snapshot.balance(creatorId, payment.currency, now),
          { ...payment, payoutId, creatorId, by: caller.subject },
          now,
        );
      },
    );
    return this.#shown(shown, done, 201);
  }

  @Get('payouts')
  @Operation({
    summary: 'List payouts, newest first',
    roles: ['admin', 'creator'],
    status: 200,
    query: PayoutsQuery,
    answer: PayoutsAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, PayoutsQuery>) {
    const { limit, cursor, ...filter } = query;
    const creatorId = caller.role === 'creator' ? caller.subject : filter.creatorId;
    const rows = await this.tables.payouts({
      ...filter,
      creatorId,
      before: placeIn(cursor, isPosition, 'payouts'),
      limit: limit + 1,
    });
    const { rows: shown, next } = pageOf(rows, limit, (row) => row.position, 'payouts');
    return { items: await this.#views(shown.map(({ state }) => state)), next };
  }

  @Get('payouts/transfers.csv')
  @Operation({
    summary: 'List what a person has to transfer, as CSV',
    roles: ['admin'],
    status: 200,
    produces: 'text/csv',
  })
  async transfers() {
    const list = transferList(await this.tables.payoutsToSend('manual'));
    return new Answer(200, list, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="transfers.csv"',
    });
  }

  @Post('payouts/transfers.csv')
  @Operation({
    summary:
      'Record transfers: the list, sent back with a reference (or an error) in each row that is done',
    roles: ['admin'],
    status: 200,
    consumes: 'text/csv',
    query: DryRun,
    answer: TransfersAnswer,
    refusals: ['rows_refused'],
  })
  async recordTransfers(@Ask() { caller, body, query, commandId }: Asked<UploadedFile, DryRun>) {
    const commands = query.dryRun === 'true' ? this.commands.rehearsal() : this.commands;
    const records = transferRecords(body.text);
    const ids = records.map(({ payoutId }) => payoutId);
    const { events: recorded } = await commands.payouts(commandId, ids, (payouts, now, snapshot) =>
      decideTransfers(records, payouts, caller.subject, now, snapshot),
    );
    const count = (type: Decided['type']) => recorded.filter((event) => event.type === type).length;
    return {
      paid: count('PayoutPaid'),
      failed: count('PayoutFailed'),
      unchanged: records.length - recorded.length,
    };
  }

  @Get('payouts/:id')
  @Operation({
    summary: 'Show a payout',
    roles: ['admin', 'creator'],
    status: 200,
    answer: PayoutAnswer,
  })
  async show(@Ask() { caller, params }: Asked) {
    const id = params['id']!;
    const payout = await this.tables.payout(id);
    requireOwner(caller, payout, `payout "${id}"`);
    return (await this.#views([payout!]))[0];
  }

  @Post('payouts/:id/approve')
  @Operation({
    summary: 'Approve a payout',
    roles: ['admin'],
    status: 200,
    body: Nothing,
    answer: PayoutAnswer,
    refusals: ['payout_state', 'payout_account_changed', 'balance_below_zero', 'provider_refuses'],
  })
  approve(@Ask() asked: Asked) {
    return this.#decide(asked, async (payout, now, snapshot) =>
      decidePayoutApproval(
        payout,
        await balanceFor(payout, now, snapshot),
        {
          by: asked.caller.subject,
          destination: await destinationOf(payout, this.providers, snapshot),
          account: await this.#standing(payout.creatorId, snapshot),
        },
        now,
      ),
    );
  }

  @Post('payouts/:id/reject')
  @Operation({
    summary: 'Reject a payout; its amount is available again',
    roles: ['admin'],
    status: 200,
    body: PayoutReason,
    answer: PayoutAnswer,
    refusals: ['payout_state'],
  })
  reject(@Ask() asked: Asked<PayoutReason>) {
    const { reason } = asked.body;
    return this.#decide(asked, async (payout) =>
      decidePayoutRejection(payout, { reason, by: asked.caller.subject }),
    );
  }

  @Post('payouts/:id/paid')
  @Operation({
    summary: 'Record that the money has left',
    roles: ['admin'],
    status: 200,
    body: PayoutReference,
    answer: PayoutAnswer,
    refusals: ['payout_state', 'payout_paid', 'payout_at_stripe', 'balance_below_zero'],
  })
  paid(@Ask() asked: Asked<PayoutReference>) {
    const { externalReference } = asked.body;
    return this.#decide(asked, async (payout, now, snapshot) =>
      decidePayoutPaid(
        payout,
        await balanceFor(payout, now, snapshot),
        { externalReference, by: asked.caller.subject },
        now,
      ),
    );
  }

  @Post('payouts/:id/failed')
  @Operation({
    summary: 'Record that the transfer failed; its amount is available again',
    roles: ['admin'],
    status: 200,
    body: PayoutReason,
    answer: PayoutAnswer,
    refusals: ['payout_state', 'payout_at_stripe'],
  })
  failed(@Ask() asked: Asked<PayoutReason>) {
    const { reason } = asked.body;
    return this.#decide(asked, async (payout) =>
      decidePayoutFailure(payout, { reason, by: asked.caller.subject }),
    );
  }

  async #decide(
    { params, commandId }: Asked,
    decide: (payout: Payout, now: Date, snapshot: Snapshot) => Promise<Decided[]>,
  ) {
    const { payoutId, creatorId } = await this.#payout(params['id']!);
    const done = await this.commands.payout(
      commandId,
      creatorId,
      payoutId,
      (payout, now, snapshot) => decide(payout!, now, snapshot),
    );
    return this.#shown(payoutId, done, 200);
  }

  async #payout(id: string): Promise<Payout> {
    const payout = await this.tables.payout(id);
    if (!payout) throw notFound(`There is no payout "${id}".`);
    return payout;
  }

  async #shown(id: string, { visible }: Done, status: number): Promise<Answer> {
    const location = `/payouts/${id}`;
    if (!visible) return new Answer(202, { payoutId: id, location }, { location });
    const [view] = await this.#views([await this.#payout(id)]);
    return new Answer(status, view, status === 201 ? { location } : {});
  }

  async #standing(creatorId: string, queries: Queries): Promise<AccountStanding> {
    const since = await queries.payoutAccountsSince([creatorId]);
    const coolingMs = this.commands.limits.payoutCoolingMs;
    return { setAt: since.get(creatorId)?.toISOString() ?? null, coolingMs };
  }

  async #views(payouts: readonly Payout[]) {
    const creators = [...new Set(payouts.map(({ creatorId }) => creatorId))];
    const since = await this.tables.payoutAccountsSince(creators);
    const now = this.clock.now();
    const { payoutCoolingMs: coolingMs } = this.commands.limits;
    return payouts.map((payout) => {
      const setAt = since.get(payout.creatorId)?.toISOString() ?? null;
      return { ...payout, waitsUntil: approvalWaitsUntil(payout, { setAt, coolingMs }, now) };
    });
  }
}

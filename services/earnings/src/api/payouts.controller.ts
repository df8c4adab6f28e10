import { Controller, Get, Inject, Post } from '@nestjs/common';
import { derivedId, type Clock, type PayoutDestination } from '@cliptally/contracts';
import { requireOwner } from '../auth/access.js';
import { Commands, type Done } from '../commands.js';
import type { Decided } from '../domain/fact.js';
import { decidePayoutAccount } from '../domain/payout-account.js';
import {
  decidePayoutApproval,
  decidePayoutFailure,
  decidePayoutPaid,
  decidePayoutRejection,
  decidePayoutRequest,
  minimumPayout,
  type Payout,
} from '../domain/payout.js';
import { RuleBroken } from '../domain/rule-broken.js';
import {
  mismatch,
  refusedRows,
  transferList,
  transferRecords,
  type TransferRecord,
} from '../payouts/csv.js';
import type { PayoutProviders } from '../payouts/provider.js';
import { Tables, type Snapshot } from '../queries.js';
import {
  BalancesAnswer,
  PayoutAccountAnswer,
  PayoutAnswer,
  PayoutsAnswer,
  StatementAnswer,
  TransfersAnswer,
} from '@cliptally/contracts/api';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isPosition, pageOf, placeIn } from './paging.js';
import { conflict, forbidden, notFound } from './problem.js';
import {
  NewPayout,
  NewPayoutAccount,
  Nothing,
  PayoutReason,
  PayoutReference,
  PayoutsQuery,
  StatementQuery,
} from './schemas.js';
import { statementPage } from './statement.js';
import { CLOCK, PROVIDERS } from './tokens.js';
import { balanceView } from './views.js';

@Controller()
export class PayoutsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PROVIDERS) private readonly providers: PayoutProviders,
  ) {}

  @Get('creators/:id/balance')
  @Operation({
    summary: 'What a creator has, by currency',
    roles: ['admin', 'creator'],
    status: 200,
    answer: BalancesAnswer,
  })
  async balance(@Ask() { caller, params }: Asked) {
    const creatorId = params['id']!;
    requireOwner(caller, { creatorId }, `The balance of "${creatorId}"`);
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const balances = await snapshot.balances(creatorId, now);
      const terms = await snapshot.termsOf([
        ...new Set([...balances.values()].flatMap(({ earnedIn }) => earnedIn)),
      ]);
      return {
        creatorId,
        balances: [...balances].map(([currency, balance]) =>
          balanceView(currency, balance, terms, now),
        ),
      };
    });
  }

  @Get('creators/:id/statement')
  @Operation({
    summary: 'Every line of what a creator has earned and was paid; its sum is the balance',
    roles: ['admin', 'creator'],
    status: 200,
    query: StatementQuery,
    answer: StatementAnswer,
  })
  statement(@Ask() { caller, params, query }: Asked) {
    const creatorId = params['id']!;
    requireOwner(caller, { creatorId }, `The statement of "${creatorId}"`);
    return statementPage(this.tables, { creator_id: creatorId }, query);
  }

  @Get('creators/:id/payout-account')
  @Operation({
    summary: 'Where payouts of a creator go',
    roles: ['admin', 'creator'],
    status: 200,
    answer: PayoutAccountAnswer,
  })
  async account(@Ask() { caller, params }: Asked) {
    const creatorId = params['id']!;
    requireOwner(caller, { creatorId }, `The payout account of "${creatorId}"`);
    return {
      creatorId,
      ...((await this.tables.payoutAccount(creatorId)) ?? { provider: 'manual', account: null }),
    };
  }

  @Post('creators/:id/payout-account')
  @Operation({
    summary: 'Say where payouts go that are approved from now on',
    roles: ['admin', 'creator'],
    status: 200,
    body: NewPayoutAccount,
    answer: PayoutAccountAnswer,
  })
  async setAccount(@Ask() { caller, params, body, commandId }: Asked) {
    const creatorId = params['id']!;
    requireOwner(caller, { creatorId }, `The payout account of "${creatorId}"`);
    const account = body as unknown as PayoutDestination;
    await this.commands.payoutAccount(commandId, creatorId, (current) =>
      decidePayoutAccount(current, { ...account, creatorId, by: caller.subject }),
    );
    return { creatorId, ...account };
  }

  @Post('payouts')
  @Operation({
    summary: 'Ask for a payout',
    roles: ['admin', 'creator'],
    status: 201,
    body: NewPayout,
    answer: PayoutAnswer,
    refusals: ['payout_exists', 'below_minimum', 'over_balance'],
  })
  async request(@Ask() { caller, body, commandId }: Asked) {
    const {
      payoutId = `p-${derivedId(commandId).slice(0, 13)}`,
      creatorId = caller.subject,
      currency,
      amount,
    } = body as { payoutId?: string; creatorId?: string; currency: string; amount: number };
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator asks for its own money only: leave creatorId out.');
    const done = await this.commands.payout(
      commandId,
      creatorId,
      payoutId,
      async (payout, now, snapshot) => {
        const balance = await snapshot.balance(creatorId, currency, now);
        const terms = await snapshot.termsOf(balance.earnedIn);
        return decidePayoutRequest(
          payout,
          balance,
          { payoutId, creatorId, currency, amount },
          minimumPayout([...terms.values()]),
          now,
        );
      },
    );
    return this.#shown(payoutId, done, 201);
  }

  @Get('payouts')
  @Operation({
    summary: 'List payouts, newest first',
    roles: ['admin', 'creator'],
    status: 200,
    query: PayoutsQuery,
    answer: PayoutsAnswer,
  })
  async list(@Ask() { caller, query }: Asked) {
    const { limit, cursor, ...filter } = query as {
      limit: number;
      cursor?: string;
      creatorId?: string;
      status?: string;
    };
    const creatorId = caller.role === 'creator' ? caller.subject : filter.creatorId;
    const rows = await this.tables.payouts({
      ...filter,
      creatorId,
      before: placeIn(cursor, isPosition, 'payouts'),
      limit: limit + 1,
    });
    const { rows: shown, next } = pageOf(rows, limit, (row) => row.position, 'payouts');
    return { items: shown.map(({ state }) => state), next };
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
    answer: TransfersAnswer,
    refusals: ['rows_refused'],
  })
  async recordTransfers(@Ask() { caller, body, commandId }: Asked) {
    const records = transferRecords(body['text'] as string);
    const ids = records.map(({ payoutId }) => payoutId);
    const { events: recorded } = await this.commands.payouts(
      commandId,
      ids,
      (payouts, now, snapshot) => this.#endings(records, payouts, caller.subject, now, snapshot),
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
    const payout = await this.#payout(params['id']!);
    requireOwner(caller, payout, `The payout "${payout.payoutId}"`);
    return payout;
  }

  @Post('payouts/:id/approve')
  @Operation({
    summary: 'Approve a payout',
    roles: ['admin'],
    status: 200,
    body: Nothing,
    answer: PayoutAnswer,
    refusals: ['payout_state', 'balance_below_zero', 'provider_refuses'],
  })
  approve(@Ask() asked: Asked) {
    return this.#decide(asked, async (payout, now, snapshot) =>
      decidePayoutApproval(
        payout,
        await balanceOf(payout, now, snapshot),
        { by: asked.caller.subject, destination: await this.#destination(payout, snapshot) },
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
  reject(@Ask() asked: Asked) {
    const { reason } = asked.body as { reason: string };
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
  paid(@Ask() asked: Asked) {
    const { externalReference } = asked.body as { externalReference: string };
    return this.#decide(asked, async (payout, now, snapshot) =>
      decidePayoutPaid(
        payout,
        await balanceOf(payout, now, snapshot),
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
  failed(@Ask() asked: Asked) {
    const { reason } = asked.body as { reason: string };
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

  /** What each row of a file decides. Throws one problem that names every faulty row. */
  async #endings(
    records: readonly TransferRecord[],
    payouts: ReadonlyMap<string, Payout>,
    by: string,
    now: Date,
    snapshot: Snapshot,
  ) {
    const decided = new Map<string, Decided[]>();
    const faults: { line: number; message: string }[] = [];
    for (const record of records) {
      const { line, payoutId, ending } = record;
      const payout = payouts.get(payoutId);
      const wrong = !payout
        ? 'it is unknown'
        : decided.has(payoutId)
          ? 'it is in the file twice'
          : mismatch(record, payout);
      if (!payout || wrong) {
        faults.push({ line, message: `Line ${line}, payout "${payoutId}": ${wrong}.` });
        continue;
      }
      try {
        const balance = 'reason' in ending ? null : await balanceOf(payout, now, snapshot);
        decided.set(
          payoutId,
          'reason' in ending
            ? decidePayoutFailure(payout, { ...ending, by })
            : decidePayoutPaid(payout, balance!, { ...ending, by }, now),
        );
      } catch (error) {
        if (!(error instanceof RuleBroken)) throw error;
        faults.push({ line, message: `Line ${line}: ${error.message}` });
      }
    }
    if (faults.length > 0) throw refusedRows(faults);
    return decided;
  }

  /**
   * Where the creator wants it, if that provider can carry it out; null where nobody has said, and
   * a person pays.
   */
  async #destination(payout: Payout, snapshot: Snapshot): Promise<PayoutDestination | null> {
    const destination = await snapshot.payoutAccount(payout.creatorId);
    if (!destination) return null;
    const provider = this.providers[destination.provider];
    const refusal = provider
      ? provider.refusal(payout)
      : `Payouts to "${payout.creatorId}" go by Stripe, which is not set up here.`;
    if (refusal !== null) throw conflict('provider_refuses', refusal);
    return destination;
  }

  async #payout(id: string): Promise<Payout> {
    const payout = await this.tables.payout(id);
    if (!payout) throw notFound(`There is no payout "${id}".`);
    return payout;
  }

  async #shown(id: string, { visible }: Done, status: number): Promise<Answer> {
    const location = `/payouts/${id}`;
    if (!visible) return new Answer(202, { payoutId: id, location }, { location });
    return new Answer(status, await this.#payout(id), status === 201 ? { location } : {});
  }
}

const balanceOf = ({ creatorId, currency }: Payout, now: Date, snapshot: Snapshot) =>
  snapshot.balance(creatorId, currency, now);

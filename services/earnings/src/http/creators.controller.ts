import type { z } from 'zod';
import { Controller, Get, Inject, Post } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import { decidePayoutAccount } from '../domain/payout-account.js';
import { Tables } from '../queries/tables.js';
import { BalancesAnswer, PayoutAccountAnswer, StatementAnswer } from '@cliptally/contracts/api';
import { requireSelf } from './auth/ownership.js';
import { Ask, Operation, type Asked } from './operation.js';
import { NewPayoutAccount, StatementQuery, type Nothing } from './schemas.js';
import { statementPage } from './statement.js';
import { CLOCK } from './tokens.js';
import { balanceView } from './views.js';

/** What a creator has, and where its payouts go. */
@Controller()
export class CreatorsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
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
    requireSelf(caller, { creatorId }, `The balance of "${creatorId}"`);
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const balances = await snapshot.balances(creatorId, now);
      const campaigns = await snapshot.campaignsOf({
        campaigns: [...balances.values()].flatMap((balance) => balance.campaigns),
      });
      return {
        creatorId,
        balances: [...balances].map(([currency, balance]) =>
          balanceView(currency, balance, campaigns, now),
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
  statement(@Ask() { caller, params, query }: Asked<Nothing, StatementQuery>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The statement of "${creatorId}"`);
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
    requireSelf(caller, { creatorId }, `The payout account of "${creatorId}"`);
    return this.#account(creatorId);
  }

  @Post('creators/:id/payout-account')
  @Operation({
    summary: 'Say where payouts go that are asked for from now on',
    roles: ['admin', 'creator'],
    status: 200,
    body: NewPayoutAccount,
    answer: PayoutAccountAnswer,
    refusals: ['creator_erased'],
  })
  async setAccount(@Ask() { caller, params, body: account, commandId }: Asked<NewPayoutAccount>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The payout account of "${creatorId}"`);
    const { visible } = await this.commands.payoutAccount(commandId, creatorId, (current) =>
      decidePayoutAccount(current, { ...account, creatorId, by: caller.subject }),
    );
    return visible ? this.#account(creatorId) : { creatorId, ...account, setAt: null };
  }

  #account(creatorId: string): Promise<z.infer<typeof PayoutAccountAnswer>> {
    return this.tables.snapshot(async (snapshot) => ({
      creatorId,
      ...((await snapshot.payoutAccount(creatorId)) ?? { provider: 'manual', account: null }),
      setAt:
        (await snapshot.payoutAccountsSince([creatorId])).get(creatorId)?.toISOString() ?? null,
    }));
  }
}

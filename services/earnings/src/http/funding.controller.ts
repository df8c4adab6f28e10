import { Controller, Get, Inject, Post } from '@nestjs/common';
import type { Clock } from '@cliptally/contracts';
import { FundingAnswer } from '@cliptally/contracts/api';
import { Commands } from '../commands/commands.js';
import type { Done } from '../commands/execution.js';
import { leftOf } from '../domain/funding.js';
import { fundingOf, paymentsOf, refundsOf } from '../queries/funding.js';
import { Tables } from '../queries/tables.js';
import { requireSelf } from './auth/ownership.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { NewFunding, NewRefund, UndoneRefund } from './schemas.js';
import { CLOCK } from './tokens.js';

const MOST_PAYMENTS = 50;

/** What brands have paid in for their campaigns. */
@Controller('brands')
export class FundingController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post(':id/funding')
  @Operation({
    summary: 'Record what a brand has paid in for campaigns; once for each reference',
    roles: ['admin'],
    status: 201,
    body: NewFunding,
    answer: FundingAnswer,
    refusals: ['reference_taken', 'budget_too_large'],
  })
  async fund(@Ask() { caller, params, body, commandId }: Asked<NewFunding>) {
    const brandId = params['id']!;
    const payment = { ...body, brandId, by: caller.subject };
    return this.#answer(brandId, await this.commands.fund(commandId, payment));
  }

  @Post(':id/funding/refunds')
  @Operation({
    summary: 'Record that money of a payment went back to its brand; once for each refundId',
    roles: ['admin'],
    status: 201,
    body: NewRefund,
    answer: FundingAnswer,
    refusals: ['reference_taken', 'payment_unknown', 'refund_too_large'],
  })
  async refund(@Ask() { caller, params, body, commandId }: Asked<NewRefund>) {
    const brandId = params['id']!;
    const refund = { ...body, brandId, by: caller.subject };
    return this.#answer(brandId, await this.commands.refund(commandId, refund));
  }

  @Post(':id/funding/refunds/undo')
  @Operation({
    summary: 'Record that a refund has failed, or a dispute was won: the brand has the money again',
    roles: ['admin'],
    status: 201,
    body: UndoneRefund,
    answer: FundingAnswer,
    refusals: ['refund_unknown'],
  })
  async undoRefund(@Ask() { caller, params, body, commandId }: Asked<UndoneRefund>) {
    const brandId = params['id']!;
    const undone = { ...body, brandId, by: caller.subject };
    return this.#answer(brandId, await this.commands.undoRefund(commandId, undone));
  }

  @Get(':id/funding')
  @Operation({
    summary: 'What a brand has paid in, committed to campaigns, and left',
    roles: ['admin', 'brand'],
    status: 200,
    answer: FundingAnswer,
  })
  show(@Ask() { caller, params }: Asked) {
    const brandId = params['id']!;
    requireSelf(caller, { brandId }, `The funding of "${brandId}"`);
    return this.#funding(brandId);
  }

  async #answer(brandId: string, { visible }: Done) {
    const location = `/brands/${brandId}/funding`;
    if (!visible) return new Answer(202, { brandId, location }, { location });
    return new Answer(201, await this.#funding(brandId), { location });
  }

  #funding(brandId: string): Promise<FundingAnswer> {
    const now = this.clock.now();
    return this.tables.snapshot(async (snapshot) => {
      const currencies = await fundingOf(snapshot, brandId, now);
      const payments = await paymentsOf(snapshot, brandId, MOST_PAYMENTS);
      const refunds = await refundsOf(snapshot, brandId, MOST_PAYMENTS);
      return {
        brandId,
        prefunding: this.commands.limits.prefunding,
        currencies: [...currencies.values()].map((one) => ({ ...one, left: leftOf(one) })),
        payments: payments.map(({ reference, currency, amount, paid_at, by }) => ({
          reference,
          currency,
          amount,
          at: paid_at.toISOString(),
          by,
        })),
        refunds: refunds.map(
          ({ reference, refund_id: refundId, currency, amount, refunded_at, undone_at, by }) => ({
            reference,
            refundId,
            currency,
            amount,
            at: refunded_at.toISOString(),
            undoneAt: undone_at?.toISOString() ?? null,
            by,
          }),
        ),
      };
    });
  }
}

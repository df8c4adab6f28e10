import type { Clock } from '@cliptally/contracts';

/** A transfer as the API shows it, as far as it is used here. Amounts as Stripe counts them. */
export interface Transfer {
  id: string;
  object: 'transfer';
  amount: number;
  amount_reversed: number;
  created: number;
  currency: string;
  destination: string;
  livemode: false;
  metadata: Record<string, string>;
  reversed: boolean;
  transfer_group: string | null;
}

/** An error in Stripe's shape, under an HTTP status. */
export class StripeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly code?: string,
    readonly param?: string,
  ) {
    super(message);
  }
}

const invalid = (message: string, code?: string, param?: string, status = 400): StripeRefusal =>
  new StripeRefusal(status, 'invalid_request_error', message, code, param);

/** The platform's balance and its transfers. */
export class Ledger {
  readonly transfers: Transfer[] = [];

  constructor(
    private readonly clock: Clock,
    /** Ids of the connected accounts that can receive transfers. */
    readonly accounts: Set<string>,
    /** What the platform has, by currency in lower case; what is not named never ends. */
    readonly balance: Map<string, number>,
  ) {}

  create(form: URLSearchParams): Transfer {
    const [currency, destination] = [needed(form, 'currency'), needed(form, 'destination')];
    const amount = wholeOf(needed(form, 'amount'), 'amount');
    if (!/^[a-z]{3}$/.test(currency))
      throw invalid(`Invalid currency: ${currency}.`, undefined, 'currency');
    if (!this.accounts.has(destination))
      throw invalid(`No such destination: '${destination}'`, 'resource_missing', 'destination');
    const available = this.balance.get(currency) ?? Infinity;
    if (amount > available) {
      throw invalid(
        'You have insufficient available funds in your Stripe account.',
        'balance_insufficient',
      );
    }
    this.balance.set(currency, available - amount);
    const transfer: Transfer = {
      id: `tr_${String(this.transfers.length + 1).padStart(16, '0')}`,
      object: 'transfer',
      amount,
      amount_reversed: 0,
      created: Math.floor(this.clock.now().getTime() / 1000),
      currency,
      destination,
      livemode: false,
      metadata: metadataIn(form),
      reversed: false,
      transfer_group: form.get('transfer_group'),
    };
    this.transfers.push(transfer);
    return transfer;
  }

  /** Newest first, as the API lists them. */
  list(query: URLSearchParams): Transfer[] {
    const [group, destination] = [query.get('transfer_group'), query.get('destination')];
    return this.transfers
      .filter(
        (t) =>
          (group === null || t.transfer_group === group) &&
          (destination === null || t.destination === destination),
      )
      .toReversed()
      .slice(0, Number(query.get('limit') ?? 10));
  }

  find(id: string): Transfer {
    const found = this.transfers.find((transfer) => transfer.id === id);
    if (!found) throw invalid(`No such transfer: '${id}'`, 'resource_missing', 'transfer', 404);
    return found;
  }

  /** Takes back what is left of a transfer, or the amount that is named. */
  reverse(id: string, form: URLSearchParams): Transfer {
    const transfer = this.find(id);
    const left = transfer.amount - transfer.amount_reversed;
    const amount = form.has('amount') ? wholeOf(form.get('amount')!, 'amount') : left;
    if (amount > left || left === 0)
      throw invalid(
        'There is not so much left of this transfer to be reversed.',
        undefined,
        'amount',
      );
    transfer.amount_reversed += amount;
    transfer.reversed = transfer.amount_reversed === transfer.amount;
    this.balance.set(transfer.currency, (this.balance.get(transfer.currency) ?? Infinity) + amount);
    return transfer;
  }
}

function needed(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  return value;
}

function wholeOf(text: string, name: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw invalid(`Invalid positive integer`, 'parameter_invalid_integer', name);
  return Number(text);
}

const metadataIn = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) =>
      (/^metadata\[(.+)\]$/.exec(name) ?? []).slice(1).map((key) => [key, value]),
    ),
  );

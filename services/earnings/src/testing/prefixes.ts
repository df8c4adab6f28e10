import type { AnyEvent, EventType } from '@cliptally/contracts';

export type Fault =
  | 'overspent'
  | 'overpaid'
  | 'accrued while held'
  | 'accrued after a move'
  | 'payout id taken'
  | 'decided at'
  | 'sums'
  | 'fee';

interface Account {
  accrued: bigint;
  reversed: bigint;
  /** Fees that the creator bears. */
  withheld: bigint;
  reserved: bigint;
  paid: bigint;
  /** Accruals, by the instant (ms) their validation period is over. */
  validating: { until: number; amount: bigint }[];
}

const DAY_MS = 86_400_000;
const feeIn = (fee: { basisPoints: number; bearer: string } | undefined) =>
  fee ? { points: BigInt(fee.basisPoints), onTop: fee.bearer === 'brand' } : null;

const DECISIONS: readonly EventType[] = [
  'EarningsAccrued',
  'EarningsReversed',
  'PayoutRequested',
  'PayoutApproved',
  'PayoutRejected',
  'PayoutPaid',
  'PayoutFailed',
];

/**
 * What a log says at each of its positions, computed from its events alone: it shares no code with
 * the product. Amounts are minor units. `faults` names every position at which an invariant of
 * money is broken; one that is broken by a later event is not one here.
 */
export class Prefixes {
  readonly campaigns = new Map<
    string,
    {
      budget: bigint;
      validationDays: number;
      accrued: bigint;
      reversed: bigint;
      /** Of all clips; and those of each, that it is to have by what it has. */
      fees: bigint;
      fee: { points: bigint; onTop: boolean } | null;
      clips: Map<string, { has: bigint; fee: bigint }>;
    }
  >();
  /** By `creator currency`. */
  readonly accounts = new Map<string, Account>();
  readonly payouts = new Map<
    string,
    { key: string; amount: bigint; status: 'open' | 'paid' | 'over' }
  >();
  readonly faults: { fault: Fault; position: number; what: string }[] = [];
  readonly #held = new Set<string>();
  /** Entries whose clip was moved to another campaign. */
  readonly #moved = new Set<string>();

  constructor(log: readonly AnyEvent[] = []) {
    for (const event of log) this.take(event);
  }

  account(creatorId: string, currency = 'USD'): Account {
    const key = `${creatorId} ${currency}`;
    const found = this.accounts.get(key) ?? {
      accrued: 0n,
      reversed: 0n,
      withheld: 0n,
      reserved: 0n,
      paid: 0n,
      validating: [],
    };
    this.accounts.set(key, found);
    return found;
  }

  /** As GET /creators/:id/balance answers it at `now`. */
  balance(creatorId: string, now: Date) {
    const { accrued, reversed, withheld, reserved, paid, validating } = this.account(creatorId);
    const waiting = validating.reduce(
      (sum, { until, amount }) => sum + (until > now.getTime() ? amount : 0n),
      0n,
    );
    const available = accrued - reversed - withheld - reserved - paid - waiting;
    const [a, r, f, s, p, v, w] = [accrued, reversed, withheld, reserved, paid, available, waiting].map(Number); // prettier-ignore
    return {
      accrued: a!,
      reversed: r!,
      fees: f!,
      reserved: s!,
      paid: p!,
      available: v!,
      validating: w!,
    };
  }

  take(event: AnyEvent): void {
    const { type, data, position } = event;
    const fault = (found: Fault, what: string) =>
      this.faults.push({ fault: found, position, what: `${type} ${what}` });
    if (DECISIONS.includes(type)) {
      const { decidedAt = null } = data as { decidedAt?: number | null };
      if (decidedAt === null || decidedAt >= position)
        fault('decided at', `says that it was decided at ${decidedAt}`);
    }
    switch (type) {
      case 'CampaignLaunched':
        return void this.campaigns.set(data.campaignId, {
          budget: BigInt(data.terms.budget),
          validationDays: data.terms.validationDays,
          accrued: 0n,
          reversed: 0n,
          fees: 0n,
          fee: feeIn(data.terms.platformFee),
          clips: new Map(),
        });
      case 'CampaignToppedUp':
        this.campaigns.get(data.campaignId)!.budget += BigInt(data.amount);
        return;
      case 'ClipApproved':
        // An appeal was granted where it was moved from: a person lets it earn in both.
        this.#moved.delete(`${data.clipId} ${data.campaignId}`);
        if (data.moved) this.#moved.add(`${data.clipId} ${data.moved.from}`);
        return;
      case 'ClipSubmitted':
        // Moved back, it earns here again.
        this.#moved.delete(`${data.clipId} ${data.campaignId}`);
        return void this.#held.delete(`${data.clipId} ${data.campaignId}`);
      case 'ClipHeld':
        return void this.#held.add(`${data.clipId} ${data.campaignId}`);
      case 'ClipReleased':
      // A rejection ends a hold too; an appeal may have the clip approved later.
      case 'ClipRejected':
        return void this.#held.delete(`${data.clipId} ${data.campaignId}`);
      case 'EarningsAccrued':
      case 'EarningsReversed': {
        const campaign = this.campaigns.get(data.campaignId)!;
        const until = Date.parse(event.time) + campaign.validationDays * DAY_MS;
        let total = 0n;
        let fees = 0n;
        for (const line of data.lines) {
          const amount = BigInt(line.amount);
          const account = this.account(line.creatorId, data.currency);
          total += amount;
          account[type === 'EarningsAccrued' ? 'accrued' : 'reversed'] += amount;
          const sign = type === 'EarningsAccrued' ? 1n : -1n;
          const fee = sign * BigInt(line.fee?.amount ?? 0);
          fees += fee;
          const withheld = campaign.fee?.onTop === false ? fee : 0n;
          account.withheld += withheld;
          const clip = campaign.clips.get(line.clipId) ?? { has: 0n, fee: 0n };
          const has = clip.has + sign * amount;
          campaign.clips.set(line.clipId, { has, fee: clip.fee + fee });
          const most = (has * (campaign.fee?.points ?? 0n)) / 10_000n;
          // Only a closing settlement may leave a fee on top short.
          if (clip.fee + fee !== most && !(campaign.fee?.onTop && clip.fee + fee < most))
            fault('fee', `${clip.fee + fee} for the ${has} of ${line.clipId}, not ${most}`);
          if (type !== 'EarningsAccrued') continue;
          account.validating.push({ until, amount: amount - withheld });
          const entry = `${line.clipId} ${data.campaignId}`;
          if (this.#moved.has(entry)) fault('accrued after a move', `${amount} for ${entry}`);
          if (this.#held.has(entry)) fault('accrued while held', `${amount} for ${entry}`);
        }
        if (total !== BigInt(data.total))
          fault('sums', `has lines of ${total} in all, and a total of ${data.total}`);
        campaign[type === 'EarningsAccrued' ? 'accrued' : 'reversed'] += total;
        const said = BigInt(data.fee?.total ?? 0);
        if (said !== (type === 'EarningsAccrued' ? fees : -fees))
          fault('fee', `has fees of ${fees} in its lines, and a total of ${said}`);
        campaign.fees += fees;
        const onTop = campaign.fee?.onTop ? campaign.fees : 0n;
        if (campaign.accrued - campaign.reversed + onTop > campaign.budget)
          fault('overspent', data.campaignId);
        return;
      }
      case 'PayoutRequested': {
        if (this.payouts.has(data.payoutId)) fault('payout id taken', data.payoutId);
        const amount = BigInt(data.amount);
        this.payouts.set(data.payoutId, {
          key: `${data.creatorId} ${data.currency}`,
          amount,
          status: 'open',
        });
        this.account(data.creatorId, data.currency).reserved += amount;
        return;
      }
      case 'PayoutPaid':
      case 'PayoutRejected':
      case 'PayoutFailed': {
        const payout = this.payouts.get(data.payoutId)!;
        const account = this.accounts.get(payout.key)!;
        if (payout.status === 'open') account.reserved -= payout.amount;
        if (payout.status === 'paid') account.paid -= payout.amount;
        payout.status = type === 'PayoutPaid' ? 'paid' : 'over';
        if (type !== 'PayoutPaid') return;
        account.paid += payout.amount;
        const earned = account.accrued - account.reversed - account.withheld;
        if (account.paid > earned)
          fault('overpaid', `${data.payoutId}: ${account.paid} paid of ${earned}`);
      }
    }
  }
}

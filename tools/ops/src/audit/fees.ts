import { feeIn, type CampaignFold, type Entry } from './campaign.js';
import { linesOf, textOf, wholeOf, type Line, type RawEvent, type Report } from './events.js';

/** What the budget pays if a clip gets `amount`: that, and a fee that comes on top of it. */
export function costOf(campaign: CampaignFold, entry: Entry, amount: bigint): bigint {
  if (!campaign.terms?.fee?.onTop || amount === 0n) return amount;
  return amount + campaign.feeOn(entry.had + amount) - entry.fees;
}

/** What the budget gets back with `amount`. */
export const refundOf = (campaign: CampaignFold, entry: Entry, amount: bigint): bigint =>
  amount + (campaign.terms?.fee?.onTop ? feeBack(campaign, entry, amount) : 0n);

/** What of the fee of a clip goes back with `amount`. */
export function feeBack(campaign: CampaignFold, entry: Entry, amount: bigint): bigint {
  const kept = campaign.feeOn(entry.had - amount);
  return entry.fees > kept ? entry.fees - kept : 0n;
}

/**
 * A share of the last money as earnings and a fee on top: of all ways that cost no more, the one
 * with the most earnings, and one unit of them more if it is left over.
 */
export function splitOf(campaign: CampaignFold, entry: Entry, share: bigint): bigint {
  const { fee } = campaign.terms!;
  if (!fee?.onTop || share <= 1n) return share;
  // Near the answer, from where steps of one unit lead to it.
  let amount = ((share + entry.fees) * 10_000n - entry.had * fee.points) / (10_000n + fee.points);
  if (amount > share) amount = share;
  if (amount < 1n) amount = 1n;
  while (amount > 1n && costOf(campaign, entry, amount) > share) amount--;
  while (costOf(campaign, entry, amount) < share) amount++;
  return amount;
}

/** What a line says of its fee, against what it is computed from. */
export function judgeFee(
  campaign: CampaignFold,
  entry: Entry,
  { line, event, right, of }: { line: Line; event: RawEvent; right: bigint; of: bigint },
  report: Report,
): void {
  const said = line['fee'] as Record<string, unknown> | undefined;
  if (!campaign.terms?.fee) {
    if (said) report(event, `${entry.clipId} has a fee in a campaign without one`, 'no fee', said['amount']); // prettier-ignore
    return;
  }
  for (const [name, value] of Object.entries({ amount: right, had: entry.fees, of }))
    if (wholeOf(said?.[name]) !== value)
      report(event, `fee.${name} of ${entry.clipId} is another`, value, said?.[name] ?? 'nothing');
}

/** The fees of an event as a whole: those of its lines, by the terms of the campaign. */
export function checkFees({ terms }: CampaignFold, event: RawEvent, report: Report): void {
  const said = event.data['fee'] as Record<string, unknown> | undefined;
  if (!terms || (!terms.fee && !said)) return;
  const sum = linesOf(event).reduce((all, line) => all + feeIn(line), 0n);
  const right = terms.fee && {
    total: sum,
    basisPoints: terms.fee.points,
    bearer: terms.fee.onTop ? 'brand' : 'creator',
  };
  const show = (fee: object | null | undefined) =>
    fee
      ? ['total', 'basisPoints', 'bearer']
          .map((name) => String((fee as Record<string, unknown>)[name]))
          .join(' ')
      : 'none';
  if (show(said) !== show(right))
    report(event, 'the fees of the event are not those of its lines', show(right), show(said));
  for (const line of linesOf(event))
    if (terms.fee && feeIn(line) > 0n && wholeOf((line['fee'] as Line)['amount']) === null)
      report(event, `the fee of ${textOf(line, 'clipId')} is no exact whole number`, 'a whole number', 'another'); // prettier-ignore
}

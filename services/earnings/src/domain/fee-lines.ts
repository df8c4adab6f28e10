import type { Fact } from './fact.js';
import type { AccruedLine, FeeLine, ReversedLine } from './statement-line.js';

/** Each line, and behind it the line of its fee if it has one. */
export function withFees<L extends AccruedLine | ReversedLine>(
  { type, data }: Fact<'EarningsAccrued' | 'EarningsReversed'>,
  lines: readonly L[],
): (L | FeeLine)[] {
  const { fee: fees } = data;
  if (!fees) return [...lines];
  const sign = (type === 'EarningsAccrued') === (fees.bearer === 'brand') ? 1 : -1;
  return lines.flatMap((line, nth) => {
    const { amount = 0, had = 0, of = 0 } = data.lines[nth]?.fee ?? {};
    if (amount === 0) return [line];
    const { eventId, time, creatorId, currency, campaignId, clipId } = line;
    const fee: FeeLine = {
      kind: fees.bearer === 'brand' ? 'fee_on_top' : 'fee_withheld',
      eventId,
      time,
      creatorId,
      currency,
      campaignId,
      clipId,
      amount: sign * amount,
      basisPoints: fees.basisPoints,
      had,
      of,
      availableAt: line.kind === 'accrued' ? line.availableAt : null,
    };
    return [line, fee];
  });
}

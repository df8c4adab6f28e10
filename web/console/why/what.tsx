import { number } from '../../ui/format.js';
import type { Line, Party } from './line.js';

/** What a line is, in a few words. */
export function What({ line, of }: { line: Line; of: Party }) {
  const { kind, clipId, fromViews, toViews, reason, status, note, payoutId, fee, campaignId } =
    line;
  const words = {
    accrued: () => `${number(fromViews ?? 0)} to ${number(toViews ?? 0)} views`,
    reversed: () => `Taken back${reason ? `: ${reason}` : ''}`,
    fee_withheld: () => `Platform fee of ${(fee?.basisPoints ?? 0) / 100} %, withheld`,
    fee_on_top: () => `Platform fee of ${(fee?.basisPoints ?? 0) / 100} %, on top`,
    payout: () => `Payout ${payoutId}: ${status!.toLowerCase()}`,
  }[kind]();
  const small = [clipId, of === 'campaign' ? line.creatorId : campaignId, note].filter(Boolean);
  return (
    <span class="two-lines">
      {words}
      <small class="muted url">{small.join(', ')}</small>
    </span>
  );
}

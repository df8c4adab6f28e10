import { money, table, type Output } from '@cliptally/cli';
import type { OldSystemReport } from './import.js';
import { REASONS, type Reason } from './reconciliation.js';

const SHOWN = 20;

/**
 * The report for people: what came in, what did not, and what the rules give beside the old
 * counters.
 */
export function showReport(report: OldSystemReport, dryRun: boolean, { out }: Output): void {
  const { rows, added, alreadyThere, leftOut, notes, reconciliation, durationMs } = report;
  const { currency, campaigns, clips, reasons, overpaid } = reconciliation;
  const of = (amount: number) => money(amount, currency);
  const more = (all: readonly unknown[]) =>
    all.length > SHOWN ? `\n... and ${all.length - SHOWN} more (--json has all).` : '';
  out(
    `Read ${Object.entries(rows)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}.`,
  );
  out(
    dryRun
      ? 'Nothing was written (--dry-run).'
      : `${added} events added, ${alreadyThere} there already, in ${(durationMs / 1000).toFixed(1)} s.`,
  );
  if (notes.zeroCounts > 0)
    out(
      `${notes.zeroCounts} counts were missing, stored as 0 or not at all: they are no observations.`,
    );
  if (notes.daysOnly > 0)
    out(`${notes.daysOnly} counts had a day and no time: they count from the end of that day.`);
  if (notes.roundedAmounts > 0)
    out(`${notes.roundedAmounts} amounts lay between two minor units and were rounded.`);
  out(`\nCampaigns: what their counter said, what those of their clips said, and what the rules give\n${table(campaigns.slice(0, SHOWN), [
    ['CAMPAIGN', (c) => c.campaignId],
    ['BUDGET', (c) => of(c.budget)],
    ['COUNTER', (c) => of(c.oldSpent)],
    ['CLIPS', (c) => of(c.oldClips)],
    ['RULES', (c) => of(c.rules)],
    ['DIFFERENCE', (c) => of(c.rules - c.oldSpent)],
    ['', (c) => [c.oldSpent > c.budget ? 'spent past its budget' : '', c.oldSpent === c.oldClips ? '' : 'its counters disagree', c.unpaid > 0 ? `${of(c.unpaid)} due beyond the budget` : ''].filter(Boolean).join('; ')],
  ])}${more(campaigns)}`); // prettier-ignore
  if (clips.length === 0) out('\nEvery clip has by the rules what its counter said.');
  else {
    out(`\nWhy ${clips.length} clips differ\n${table(Object.entries(reasons), [
      ['CLIPS', ([, { clips: count }]) => count],
      ['DIFFERENCE', ([, { amount }]) => of(amount)],
      ['BECAUSE', ([reason]) => REASONS[reason as Reason]],
    ])}`); // prettier-ignore
    out(`\nThe largest of them\n${table(clips.slice(0, SHOWN), [
      ['CLIP', (clip) => clip.clipId ?? clip.id],
      ['CAMPAIGN', (clip) => clip.campaignId],
      ['COUNTER', (clip) => of(clip.old)],
      ['RULES', (clip) => of(clip.rules)],
      ['BECAUSE', (clip) => REASONS[clip.reason]],
    ])}${more(clips)}`); // prettier-ignore
  }
  if (overpaid.length > 0)
    out(`\nPaid more than earned by the rules; new earnings make up for it first\n${table(overpaid.slice(0, SHOWN), [
      ['CREATOR', (creator) => creator.creatorId],
      ['PAID', (creator) => of(creator.oldPaid)],
      ['RULES', (creator) => of(creator.rules)],
    ])}${more(overpaid)}`); // prettier-ignore
  if (leftOut.length > 0)
    out(`\nNot imported\n${table(leftOut.slice(0, SHOWN), [
      ['TABLE', (row) => row.table],
      ['ID', (row) => row.id],
      ['REASON', (row) => row.reason],
    ])}${more(leftOut)}`); // prettier-ignore
}

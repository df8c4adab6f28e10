import type { Audit } from './audit.js';
import { auditEvents, type AuditOptions } from './audit.js';
import type { Finding, RawEvent } from './events.js';

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

/** One finding, as a person reads it. */
export function sentenceOf({ what, expected, found, event, see }: Finding): string {
  const streams = [event.stream, ...new Set(see.map((one) => one.replace(/@\d+$/, '')))].filter(
    (one, i, all) => all.indexOf(one) === i,
  );
  return [
    `${event.stream}@${event.revision}, ${event.type} ${event.id} at position ${event.position}: ${what}.`,
    `  expected: ${expected}`,
    `  found:    ${found}`,
    ...(see.length > 0 ? [`  see also: ${see.join(', ')}`] : []),
    ...streams.map((stream) => `  read:     npm run events -- stream ${stream}`),
  ].join('\n');
}

/** What the command prints: one line for a sound log, else the first difference. */
export function reportOf({
  findings,
  events,
  campaigns,
  lines,
  payoutDecisions,
  notRecomputed: { undated, tooOld },
  skipped,
}: Audit): string {
  const leftOut = skipped
    .map(
      ({ projection, position, type }) =>
        `\nThe projection ${projection} skips the event at position ${position} (${type}), as a person decided: decisions of services rest on tables without it.`,
    )
    .join('');
  const [first] = findings;
  if (first) {
    const more =
      findings.length > 1
        ? `\n${count(findings.length - 1, 'more finding')} after it, which may follow from it.`
        : '';
    return `${sentenceOf(first)}${more}${leftOut}`;
  }
  const left = [
    ...(undated > 0
      ? [
          `${count(undated, 'line')} without a position (version 1 or imported: sums and limits only)`,
        ]
      : []),
    ...(tooOld > 0 ? [`${tooOld} decided further back than the window`] : []),
  ];
  const notRecomputed = left.length > 0 ? left.join(', ') : '0 lines';
  return `The log is sound: ${count(events, 'event')}, ${count(campaigns, 'campaign')}, ${count(lines, 'line')} and ${count(payoutDecisions, 'payout decision')} recomputed; not recomputed: ${notRecomputed}.${leftOut}`;
}

/**
 * What each clip has earned by its observations in a campaign, and what it has, in minor units, as
 * the log leaves it.
 */
export function standingsOf({
  folds,
}: Audit): { campaignId: string; clipId: string; owed: bigint; has: bigint }[] {
  return [...folds].flatMap(([campaignId, fold]) =>
    [...fold.entries.values()].map((entry) => ({
      campaignId,
      clipId: entry.clipId,
      owed: fold.due(entry) + entry.had,
      has: entry.had,
    })),
  );
}

/** Throws with the first difference if the log is not sound. For tests: one call after each. */
export async function assertSound(
  events: AsyncIterable<RawEvent> | Iterable<RawEvent>,
  options?: AuditOptions,
): Promise<Audit> {
  const audit = await auditEvents(events, options);
  if (audit.findings.length > 0)
    throw new Error(
      `The log is not sound.\n${audit.findings.slice(0, 5).map(sentenceOf).join('\n')}`,
    );
  return audit;
}

import type { ComponentChildren } from 'preact';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Card } from '../app/page.js';
import type { Line, Why } from './line.js';

const EventId = ({ id }: { id: string }) => <code title={id}>{id.slice(0, 8)}</code>;

interface Row {
  name: string;
  /** The figure at the right; absent for a sentence alone. */
  value?: string;
  words: ComponentChildren;
  /** The result of the rows before it. */
  total?: boolean;
}

type Share = Why['share'];

/** The line figure by figure, in the order in which it is computed. */
export function Explanation({ line, share }: { line: Line; share: Share }) {
  const rows = rowsOf(line, share);
  return (
    <Card title="How it is computed">
      <ol class="why-steps">
        {rows.map(({ name, value, words, total }) => (
          <li key={name} class={total ? 'total' : undefined}>
            <span>
              <strong>{name}</strong>
              <small class="muted">{words}</small>
            </span>
            {value !== undefined && <span class="figures">{value}</span>}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function rowsOf(line: Line, share: Share): Row[] {
  if (line.kind === 'payout') return payoutRows(line);
  if (line.kind === 'fee_on_top' || line.kind === 'fee_withheld') return feeRows(line);
  return line.kind === 'accrued' ? accruedRows(line, share) : reversedRows(line);
}

const says = (line: Line) => (minor: number) => money(minor, line.currency);

/** What the clip has earned in all, of which the line is a part. */
function basisRows(line: Line): Row[] {
  const { basis, rate, maxPayoutPerClip: cap, observation, currency } = line;
  const amount = says(line);
  if (!basis) return [];
  const { views, baseline, earned, voided, had, flat = 0, bonus = 0 } = basis;
  const counted = views - baseline;
  const byViews = Math.floor((counted * (rate ?? 0)) / 1000);
  const capped = cap != null && earned === cap && flat + bonus + byViews > cap;
  return [
    {
      name: 'Observation',
      value: `${number(views)} views`,
      words: (
        <>
          the largest count inside the window
          {observation && (
            <>
              , in the event <EventId id={observation} />
            </>
          )}
        </>
      ),
    },
    ...(baseline > 0
      ? [
          {
            name: 'Less what was there before',
            value: `${number(baseline)} views`,
            words: `${number(counted)} views count`,
          },
        ]
      : []),
    ...(rate == null
      ? []
      : [
          {
            name: 'Rate',
            value: `${amount(rate)} / 1,000`,
            words: `${number(counted)} x ${amount(rate)} / 1,000, rounded down: ${amount(byViews)}`,
          },
        ]),
    ...(flat > 0
      ? [{ name: 'Flat fee', value: amount(flat), words: 'for each approved clip' }]
      : []),
    ...(bonus > 0
      ? [{ name: 'Milestones', value: amount(bonus), words: 'for views that were reached' }]
      : []),
    ...(cap == null
      ? []
      : [
          {
            name: 'Cap',
            value: amount(cap),
            words: capped
              ? 'the most that the campaign pays for a clip: reached'
              : 'the most that the campaign pays for a clip: not reached',
          },
        ]),
    {
      name: 'Earned in all',
      value: amount(earned),
      words: `by this clip in the campaign, in ${currency}`,
      total: true,
    },
    ...(voided > 0
      ? [
          {
            name: 'Less what was taken back for good',
            value: amount(-voided),
            words: 'by a person',
          },
        ]
      : []),
    ...(had > 0
      ? [{ name: 'Less what it had', value: amount(-had), words: 'by earlier lines' }]
      : []),
  ];
}

function accruedRows(line: Line, share: Share): Row[] {
  const { due = line.amount, amount: paid, basis, eventId, campaignId } = line;
  const amount = says(line);
  return [
    ...basisRows(line),
    ...(basis?.creatorRoom !== undefined && basis.creatorRoom <= due
      ? [
          {
            name: 'Limit for a creator',
            value: amount(basis.creatorRoom),
            words: 'was left of what the campaign pays one creator',
          },
        ]
      : []),
    { name: 'Due', value: amount(due), words: 'at this settlement', total: true },
    ...(paid < due
      ? [
          {
            name: 'Share of the budget',
            value: amount(paid - due),
            words: share
              ? `the budget ended: ${amount(share.paidToAll)} was left for ${amount(share.dueOfAll)} that all clips were due, and each got the same part`
              : 'the budget ended: all clips got the same part of what they were due',
          },
        ]
      : []),
    {
      name: 'Amount',
      value: amount(paid),
      words: (
        <>
          settled by the event <EventId id={eventId} /> of the campaign {campaignId}
        </>
      ),
      total: true,
    },
  ];
}

function reversedRows(line: Line): Row[] {
  const { amount: back, by, reason, eventId } = line;
  return [
    ...basisRows(line),
    {
      name: 'Taken back',
      value: says(line)(back),
      words: (
        <>
          {reason} ({by}, event <EventId id={eventId} />)
        </>
      ),
      total: true,
    },
  ];
}

function feeRows(line: Line): Row[] {
  const { fee, amount: own, kind, eventId } = line;
  const amount = says(line);
  if (!fee) return [];
  const share = Math.floor((fee.of * fee.basisPoints) / 10_000);
  return [
    { name: 'The clip has', value: amount(fee.of), words: 'after the line that this fee is of' },
    {
      name: 'Fee',
      value: `${fee.basisPoints / 100} %`,
      words: `of that, rounded down: ${amount(share)}`,
    },
    ...(fee.had > 0
      ? [{ name: 'Less earlier fees', value: amount(-fee.had), words: 'of the same clip' }]
      : []),
    {
      name: kind === 'fee_on_top' ? 'On top' : 'Withheld',
      value: amount(own),
      words: (
        <>
          {kind === 'fee_on_top' ? 'the brand bears it' : 'the creator bears it'}, event{' '}
          <EventId id={eventId} />
        </>
      ),
      total: true,
    },
  ];
}

const STEPS = {
  REQUESTED: 'It was asked for, and is reserved.',
  APPROVED: 'It was approved; no amount changes hands in the statement.',
  PAID: 'The money has left.',
  REJECTED: 'It was rejected, and is available again.',
  FAILED: 'The transfer failed, and the amount is available again.',
};

function payoutRows(line: Line): Row[] {
  const { payoutId, status, amount: own, note, eventId } = line;
  return [
    {
      name: `Payout ${payoutId}`,
      words: (
        <>
          {STEPS[status!]} {note && `(${note}) `}Event <EventId id={eventId} />.
        </>
      ),
    },
    {
      name: 'Amount',
      value: says(line)(own),
      words: 'what the step adds to the money outstanding',
      total: true,
    },
  ];
}

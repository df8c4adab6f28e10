import { platformName } from '../../ui/format.js';
import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/icon.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useAll, useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import { useSubject } from '../app/session.js';
import { type Campaign, useCampaigns } from '../app/campaigns.js';
import { type Clip, stateOf } from './parts.js';

interface Note {
  id: string;
  at: string;
  kind: 'good' | 'bad' | 'warn' | 'info';
  href: string;
  /** Of what is still to come: by when. */
  until?: boolean;
  words: ComponentChildren;
}

type Line = Item<'GET /creators/{id}/statement'>;
type Names = ReadonlyMap<string, Campaign> | undefined;

export default function Notices() {
  const id = useSubject();
  const clips = useGet('GET /clips', { query: { sort: 'newest', limit: 200 } });
  const lines = useAll('GET /creators/{id}/statement', { id });
  const payouts = useAll('GET /payouts');
  const campaigns = useCampaigns();
  const known = clips.data && lines.data && payouts.data;
  const amounts = new Map(payouts.data?.map(({ payoutId, amount }) => [payoutId, amount]));
  const data = known && {
    waiting: clips.data.items.flatMap((clip) => waitingOf(clip, campaigns)),
    past: [
      ...clips.data.items.flatMap((clip) => pastOf(clip, campaigns)),
      ...lines.data.toReversed().flatMap((line) => ofPayout(line, amounts)),
    ].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)),
  };
  return (
    <Page title="Notices">
      <Loaded
        of={{
          data,
          error: clips.error ?? lines.error ?? payouts.error,
          refetch: () => void Promise.all([clips.refetch(), lines.refetch(), payouts.refetch()]),
        }}
      >
        {({ waiting, past }) =>
          waiting.length + past.length === 0 ? (
            <Card>
              <Blank title="Nothing has happened yet">
                <p>Decisions on your clips and steps of your payouts appear here.</p>
              </Blank>
            </Card>
          ) : (
            <>
              {waiting.length > 0 && (
                <Card title="Waits for you">
                  <Notes notes={waiting} />
                </Card>
              )}
              {past.length > 0 && (
                <Card title="What has happened">
                  <Notes notes={past.slice(0, MOST)} />
                </Card>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

const MOST = 100;
const ICONS = { good: 'check', bad: 'warning', warn: 'warning', info: 'clock' };

const Notes = ({ notes }: { notes: readonly Note[] }) => (
  <ul class="notes">
    {notes.map(({ id, at, kind, href, until, words }) => (
      <li key={id} class={`note ${kind}`}>
        <Icon name={ICONS[kind]} />
        <a href={href}>{words}</a>
        <span class="muted">
          {until && 'until '}
          <When at={at} as={until ? 'minute' : 'relative'} />
        </span>
      </li>
    ))}
  </ul>
);

const nameOf = ({ platform, clipId }: Clip) =>
  `${platformName(platform)} clip ${clipId.slice(platform.length + 1)}`;

/** Decisions that a creator can still object to. */
function waitingOf(clip: Clip, campaigns: Names): Note[] {
  return clip.campaigns
    .filter((entry) => !entry.appeal && (entry.hold || entry.status === 'REJECTED'))
    .map((entry) => {
      const { word, kind } = stateOf(entry);
      return {
        id: `${clip.clipId} ${entry.campaignId}`,
        at: entry.hold?.reviewAt ?? entry.rejection?.at ?? entry.submittedAt,
        until: entry.hold !== null,
        kind: kind === 'warn' ? 'warn' : 'bad',
        href: `/console/clips/${clip.clipId}`,
        words: `${nameOf(clip)} in ${campaigns?.get(entry.campaignId)?.name ?? entry.campaignId}: ${word.toLowerCase()} (“${entry.hold?.reason ?? entry.rejection?.reason}”). You can appeal.`,
      };
    });
}

function pastOf(clip: Clip, campaigns: Names): Note[] {
  const href = `/console/clips/${clip.clipId}`;
  return clip.campaigns.flatMap(({ campaignId, submittedAt, approvedAt, rejection, appeal }) => {
    const of = `${nameOf(clip)} in ${campaigns?.get(campaignId)?.name ?? campaignId}`;
    const note = (at: string, kind: Note['kind'], what: string): Note => ({
      id: `${clip.clipId} ${campaignId} ${what}`,
      at,
      kind,
      href,
      words: `${of} ${what}${/[.!?]$/.test(what) ? '' : '.'}`,
    });
    return [
      note(submittedAt, 'info', 'was submitted'),
      ...(approvedAt ? [note(approvedAt, 'good', 'was approved')] : []),
      ...(rejection ? [note(rejection.at, 'bad', `was rejected: ${rejection.reason}`)] : []),
      ...(appeal?.answer
        ? [
            note(
              appeal.answer.at,
              appeal.answer.granted ? 'good' : 'bad',
              `: your appeal was ${appeal.answer.granted ? 'granted' : 'refused'} (“${appeal.answer.reason}”)`,
            ),
          ]
        : []),
    ];
  });
}

const STEPS = {
  REQUESTED: ['info', 'was requested'],
  APPROVED: ['info', 'was approved'],
  PAID: ['good', 'was paid'],
  REJECTED: ['bad', 'was rejected'],
  FAILED: ['bad', 'did not arrive'],
} as const;

function ofPayout(
  { kind, at, eventId, status, payoutId, currency, note }: Line,
  amounts: ReadonlyMap<string, number>,
): Note[] {
  const amount = amounts.get(payoutId ?? '');
  if (kind !== 'payout' || !status || amount === undefined) return [];
  const [tone, words] = STEPS[status];
  return [
    {
      id: eventId,
      at,
      kind: tone,
      href: '/console/money',
      words: `Your payout of ${money(amount, currency)} ${words}${note ? `: ${note}` : ''}.`,
    },
  ];
}

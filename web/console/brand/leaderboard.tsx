import { useMemo } from 'preact/hooks';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { useAll, useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { submissionsOf, type Submission } from './parts.js';

interface Standing {
  creatorId: string;
  rank: number;
  clips: number;
  views: number;
  earned: number;
  currency: string;
}

const COLUMNS: readonly Column<Standing>[] = [
  {
    header: 'Creator',
    name: true,
    cell: ({ rank, creatorId }) => (
      <>
        <span class="rank">{number(rank)}</span> <strong>{creatorId}</strong>
      </>
    ),
    sort: ({ rank }) => rank,
  },
  {
    header: 'Clips',
    figures: true,
    cell: ({ clips }) => number(clips),
    sort: ({ clips }) => clips,
  },
  {
    header: 'Views',
    figures: true,
    cell: ({ views }) => number(views),
    sort: ({ views }) => views,
  },
  {
    header: 'Earned',
    figures: true,
    cell: ({ earned, currency }) => money(earned, currency),
    sort: ({ earned }) => earned,
  },
];

/** Creators of a campaign by what their clips have earned. */
export default function Leaderboard({ params }: ScreenProps) {
  const id = params['id']!;
  const campaign = useGet('GET /campaigns/{id}', { id });
  const clips = useAll('GET /clips', { query: { campaignId: id } });
  return (
    <Page
      title="Leaderboard"
      back={{ href: `/console/campaigns/${id}`, label: campaign.data?.name ?? 'Campaign' }}
    >
      <Card>
        <Loaded of={clips} lines={6}>
          {(known) => (
            <Standings
              of={submissionsOf(
                known,
                (entry) => entry.campaignId === id && entry.approvedAt !== null,
              )}
            />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}

function Standings({ of }: { of: readonly Submission[] }) {
  const rows = useMemo(() => standingsOf(of), [of]);
  return rows.length === 0 ? (
    <Blank title="Nobody is on it yet">
      <p>Creators are listed once a clip of theirs is approved.</p>
    </Blank>
  ) : (
    <Table
      caption="Creators by what their clips have earned"
      columns={COLUMNS}
      rows={rows}
      rowId={({ creatorId }) => creatorId}
    />
  );
}

/** Equal sums have an equal rank. */
function standingsOf(of: readonly Submission[]): Standing[] {
  const byCreator = Map.groupBy(of, ({ entry }) => entry.creatorId);
  const sums = [...byCreator].map(([creatorId, own]) => ({
    creatorId,
    clips: own.length,
    views: own.reduce((sum, { entry }) => sum + (entry.highWater ?? 0), 0),
    earned: own.reduce((sum, { entry }) => sum + entry.earned, 0),
    currency: own[0]!.entry.currency,
  }));
  return sums
    .toSorted((a, b) => b.earned - a.earned || b.views - a.views)
    .map((one) => ({ ...one, rank: 1 + sums.filter(({ earned }) => earned > one.earned).length }));
}

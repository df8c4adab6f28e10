import { useState } from 'preact/hooks';
import { Button, Choice, Tag } from '../../ui/controls.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useNow } from '../../ui/clock.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { AnswerDialog, RejectDialog, ReleaseDialog, TakeBackDialog } from './hold-dialogs.js';
import { ClipLink, CreatorLink, type CaseProps, type Entry } from './parts.js';

type Tab = 'held' | 'appealed';
const TABS = [
  ['held', 'On hold'],
  ['appealed', 'Appeals'],
] as const;

export default function Holds({ query }: ScreenProps) {
  const [tab, setTab] = useState<Tab>(query['show'] === 'appeals' ? 'appealed' : 'held');
  const clips = usePages('GET /clips', {
    query: tab === 'held' ? { status: 'held', sort: 'oldest' } : { appealed: true, sort: 'oldest' },
  });
  const wanted = ({ hold, appeal }: Entry) =>
    tab === 'held' ? hold !== null : appeal !== null && appeal.answer === null;
  return (
    <Page
      title="Holds and appeals"
      actions={<Choice label="Show" value={tab} options={TABS} onChange={setTab} />}
    >
      <Loaded of={{ ...clips, data: clips.items }}>
        {(rows) =>
          rows.length === 0 ? (
            <Card>
              {tab === 'held' ? (
                <Blank title="No clip is on hold">
                  <p>Reviewers and the anomaly rules hold clips; nothing is paid meanwhile.</p>
                </Blank>
              ) : (
                <Blank title="No appeal waits for an answer">
                  <p>A creator may object once to a rejection or a hold.</p>
                </Blank>
              )}
            </Card>
          ) : (
            <>
              {rows.flatMap((clip) =>
                clip.campaigns
                  .filter(wanted)
                  .map((entry) => (
                    <Case key={`${clip.clipId} ${entry.campaignId}`} clip={clip} entry={entry} />
                  )),
              )}
              {clips.hasNextPage && (
                <p class="center">
                  <Button
                    busy={clips.isFetchingNextPage}
                    onClick={() => void clips.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

type Asking = 'release' | 'reject' | 'back' | 'answer' | null;

/** One clip in one campaign that a person has to decide on. */
function Case({ clip, entry }: CaseProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const { hold, appeal, earned, due, currency, status } = entry;
  const now = useNow();
  const close = () => setAsking(null);
  const open = appeal !== null && appeal.answer === null;
  const of = `${clip.clipId} in ${entry.campaignId}`;
  return (
    <section class="card case" aria-label={of}>
      <header class="row spread">
        <h2>
          <ClipLink clipId={clip.clipId} />
        </h2>
        <span class="row tight">
          {hold && <Tag kind="warn">On hold</Tag>}
          {status === 'REJECTED' && <Tag kind="bad">Rejected</Tag>}
          {open && <Tag kind="info">Appeal</Tag>}
        </span>
      </header>
      <dl class="fact-list">
        <dt>Campaign</dt>
        <dd>
          <a href={`/console/statement/campaign/${entry.campaignId}`}>{entry.campaignId}</a>
        </dd>
        <dt>Creator</dt>
        <dd>
          <CreatorLink id={entry.creatorId} />
        </dd>
        {hold && (
          <>
            <dt>Held because</dt>
            <dd>{hold.reason}</dd>
            <dt>Review</dt>
            <dd>
              {Date.parse(hold.reviewAt) < now ? (
                <span class="warn-text">
                  overdue since <When at={hold.reviewAt} as="minute" />
                </span>
              ) : (
                <>
                  by <When at={hold.reviewAt} as="minute" />
                </>
              )}
            </dd>
          </>
        )}
        <dt>Money</dt>
        <dd>
          {money(earned, currency)} earned
          {/* What is due is not counted while a clip is on hold. */}
          {due > 0 && `, ${money(due, currency)} due`}
        </dd>
      </dl>
      {hold?.anomaly && hold.anomaly.reasons.length > 0 && (
        <details>
          <summary>
            What is odd: score {hold.anomaly.score} of 100, held from {hold.anomaly.threshold} on
          </summary>
          <ul class="odd-reasons">
            {hold.anomaly.reasons.map(({ rule, observed, threshold, points, window }) => (
              <li key={rule}>
                <strong>{rule.replaceAll('_', ' ')}</strong>: {observed}, the limit is {threshold} (
                {points} points, <When at={window.from} as="minute" /> to{' '}
                <When at={window.to} as="minute" />)
              </li>
            ))}
          </ul>
        </details>
      )}
      {appeal && (
        <blockquote>
          <p>{appeal.text}</p>
          <footer class="muted">
            {entry.creatorId}, <When at={appeal.at} />
          </footer>
        </blockquote>
      )}
      <div class="row">
        {open && (
          <Button primary aria-label={`Answer ${of}`} onClick={() => setAsking('answer')}>
            Answer
          </Button>
        )}
        {hold && (
          <>
            <Button aria-label={`Release ${of}`} onClick={() => setAsking('release')}>
              Release
            </Button>
            <Button danger aria-label={`Reject ${of}`} onClick={() => setAsking('reject')}>
              Reject
            </Button>
          </>
        )}
        {earned > 0 && (
          <Button danger aria-label={`Take back from ${of}`} onClick={() => setAsking('back')}>
            Take back
          </Button>
        )}
        <a class="button" href={clip.url} target="_blank" rel="noreferrer">
          Open the clip
        </a>
      </div>
      {asking === 'release' && <ReleaseDialog clip={clip} entry={entry} onClose={close} />}
      {asking === 'reject' && <RejectDialog clip={clip} entry={entry} onClose={close} />}
      {asking === 'back' && <TakeBackDialog clip={clip} entry={entry} onClose={close} />}
      {asking === 'answer' && <AnswerDialog clip={clip} entry={entry} onClose={close} />}
    </section>
  );
}

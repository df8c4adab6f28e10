import { useEffect, useRef } from 'preact/hooks';
import { Tag } from '../../ui/controls.js';
import { useNow } from '../../ui/clock.js';
import { When } from '../../ui/when.js';
import type { Kept } from './outbox.js';
import { Score } from './odd.js';
import type { Campaign } from '../app/campaigns.js';
import { ClipTitle, idOf, type Submission } from './parts.js';

interface ListProps {
  rows: readonly Submission[];
  current: Submission;
  ticked: ReadonlySet<string>;
  refused: ReadonlyMap<string, Kept>;
  campaigns: ReadonlyMap<string, Campaign> | undefined;
  onChoose: (one: Submission) => void;
  onTick: (one: Submission) => void;
}

export function QueueList({ rows, current, onChoose, onTick, ...rest }: ListProps) {
  const { ticked, refused, campaigns } = rest;
  const list = useRef<HTMLUListElement>(null);
  const currentId = idOf(current);
  const first = useRef(true);
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[aria-current]');
    // From the list alone, or from what has just gone: nobody is torn out of another field.
    const from = document.activeElement;
    const free = !from || from === document.body || list.current?.contains(from);
    if (!first.current && free) row?.focus({ preventScroll: true });
    if (!first.current) row?.scrollIntoView({ block: 'nearest' });
    first.current = false;
  }, [currentId]);
  return (
    <ul class="queue-list" ref={list} aria-label="Clips to decide on">
      {rows.map((one) => {
        const { clip, entry } = one;
        const id = idOf(one);
        return (
          <li key={id} class={id === currentId ? 'current' : undefined}>
            <input
              type="checkbox"
              checked={ticked.has(id)}
              aria-label={`Tick ${clip.clipId}`}
              onChange={() => onTick(one)}
            />
            <button
              type="button"
              class="plain"
              aria-current={id === currentId ? 'true' : undefined}
              onClick={() => onChoose(one)}
            >
              <ClipTitle clip={clip}>
                <small class="muted">
                  {entry.creatorId} · {campaigns?.get(entry.campaignId)?.name ?? entry.campaignId}
                </small>
                <Deadline submission={one} />
                {refused.get(id)?.state === 'refused' && <Tag kind="bad">Refused</Tag>}
              </ClipTitle>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** By when somebody has to decide, and what speaks against it. */
function Deadline({ submission: { entry } }: { submission: Submission }) {
  const now = useNow();
  const { reviewAt, hold, oldPost } = entry;
  const overdue = reviewAt !== null && Date.parse(reviewAt) <= now;
  return (
    <span class="marks">
      {hold?.anomaly && <Score score={hold.anomaly.score} />}
      {oldPost && <Tag kind="warn">Old post</Tag>}
      {reviewAt === null ? (
        <small class="muted">
          since <When at={entry.submittedAt} as="minute" />
        </small>
      ) : overdue ? (
        <Tag kind="bad">
          Overdue, <When at={reviewAt} />
        </Tag>
      ) : (
        <small class="muted">
          {hold ? 'review' : 'decided by itself'} <When at={reviewAt} />
        </small>
      )}
    </span>
  );
}

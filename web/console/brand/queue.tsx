import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { number, plural } from '../../ui/format.js';
import { useMedia } from '../../ui/media.js';
import { Blank, Loaded } from '../../ui/states.js';
import { useStore } from '../../ui/store.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Query } from '../app/api.js';
import { CampaignFilter } from './campaign-filter.js';
import { ClipPanel } from './clip-panel.js';
import { KeysDialog, useKeys, type Key } from './keys.js';
import { nameOf, outbox, type Decision, type Kept } from './outbox.js';
import { useCampaigns } from '../app/campaigns.js';
import { type Entry, idOf, type Submission, submissionsOf } from './parts.js';
import { QueueList } from './queue-list.js';
import { ReasonDialog } from './reason-dialog.js';
import { Sending } from './sending.js';

export interface QueueProps {
  title: string;
  /** Which clips are listed. */
  query: Query;
  holds: (entry: Entry) => boolean;
  /** What `a` and the first button do. */
  good: { decision: Decision; word: string };
  mayHold: boolean;
  empty: { title: string; words: string };
  campaignId: string | undefined;
}

/** Clips to decide on, one after the other, by keyboard or by hand. */
export function Queue({ title, query, holds, good, mayHold, empty, campaignId }: QueueProps) {
  const clips = usePages('GET /clips', { query: { ...query, campaignId, limit: 50 } });
  const campaigns = useCampaigns();
  const sending = useStore(outbox);
  const [currentId, setCurrentId] = useState<string | null>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<'reject' | 'hold' | 'keys' | null>(null);
  const [said, setSaid] = useState('');

  const ofCampaign = (entry: Entry) =>
    holds(entry) && (campaignId === undefined || entry.campaignId === campaignId);
  const all = clips.items && submissionsOf(clips.items, ofCampaign);
  const decided = useMemo(
    () => new Map(sending.map((kept): [string, Kept] => [nameOf(kept), kept])),
    [sending],
  );
  const open = all?.filter((one) => {
    const kept = decided.get(idOf(one));
    return !kept || kept.state === 'refused';
  });
  const index = Math.max(0, open?.findIndex((one) => idOf(one) === currentId) ?? 0);
  const current = open?.[index];
  const chosen = open?.filter((one) => ticked.has(idOf(one))) ?? [];
  const targets = chosen.length > 0 ? chosen : current ? [current] : [];

  const few = (open?.length ?? 0) < 10 && clips.hasNextPage && !clips.isFetchingNextPage;
  useEffect(() => {
    if (few) void clips.fetchNextPage();
  }, [few]);

  const go = (step: number) => {
    const next = open?.[Math.min(Math.max(index + step, 0), open.length - 1)];
    if (next) setCurrentId(idOf(next));
  };
  const tick = (one: Submission) =>
    setTicked((before) => {
      const after = new Set(before);
      if (!after.delete(idOf(one))) after.add(idOf(one));
      return after;
    });
  const decide = (decision: Decision) => {
    if (!open || targets.length === 0) return;
    const gone = new Set(targets.map(idOf));
    const next =
      open.slice(index + 1).find((one) => !gone.has(idOf(one))) ??
      open.slice(0, index).findLast((one) => !gone.has(idOf(one)));
    outbox.decide(targets.map(targetOf), decision);
    setCurrentId(next ? idOf(next) : null);
    setTicked(new Set());
    setSaid(
      `${WORDS[decision.kind]} ${targets.length === 1 ? targets[0]!.clip.clipId : plural(targets.length, 'clip')}.`,
    );
  };
  const undo = () => {
    const last = sending.findLast(({ state }) => state === 'kept');
    if (last) setCurrentId(nameOf(last));
    setSaid(outbox.undo());
  };

  const keys: Key[] = [
    { keys: ['j', 'ArrowDown'], what: 'The next clip', act: () => go(1), repeats: true },
    { keys: ['k', 'ArrowUp'], what: 'The one before', act: () => go(-1), repeats: true },
    { keys: ['a'], what: good.word, act: () => decide(good.decision) },
    {
      keys: ['r'],
      what: 'Reject, with a reason',
      act: () => targets.length && setAsking('reject'),
    },
    ...(mayHold
      ? [
          {
            keys: ['h'],
            what: 'Hold, with a reason',
            act: () => void (targets.length && setAsking('hold')),
          },
        ]
      : []),
    { keys: ['u'], what: 'Undo the last decision', act: undo },
    { keys: ['o'], what: "Open the clip's own page", act: () => current && openPage(current) },
    {
      keys: ['x'],
      what: 'Tick the clip, to decide on several',
      act: () => current && tick(current),
    },
    {
      keys: ['*'],
      what: 'Tick all that are listed, or none',
      act: () => setTicked(new Set(chosen.length > 0 ? [] : open?.map(idOf))),
    },
    { keys: ['?'], what: 'These keys', act: () => setAsking('keys') },
  ];
  useKeys(keys);

  const buttons = (
    <div class="row decide">
      <Button primary icon="check" onClick={() => decide(good.decision)}>
        {good.word} <kbd>a</kbd>
      </Button>
      <Button danger onClick={() => setAsking('reject')}>
        Reject <kbd>r</kbd>
      </Button>
      {mayHold && (
        <Button onClick={() => setAsking('hold')}>
          Hold <kbd>h</kbd>
        </Button>
      )}
      {chosen.length > 0 && <strong>{plural(chosen.length, 'ticked clip')}</strong>}
    </div>
  );
  return (
    <Page
      title={title}
      actions={
        <>
          <CampaignFilter campaigns={campaigns} value={campaignId} />
          <Button onClick={() => setAsking('keys')}>
            Keys <kbd>?</kbd>
          </Button>
        </>
      }
    >
      <Sending said={said} onUndo={undo} />
      <Loaded of={{ ...clips, data: open }} lines={8}>
        {(shown) =>
          shown.length === 0 || !current ? (
            <Card>
              <Blank title={empty.title}>
                <p>{empty.words}</p>
              </Blank>
            </Card>
          ) : (
            <InOrder
              list={
                <section class="card listing" key="list">
                  <QueueList
                    rows={shown}
                    current={current}
                    ticked={ticked}
                    refused={decided}
                    campaigns={campaigns}
                    onChoose={(one) => setCurrentId(idOf(one))}
                    onTick={tick}
                  />
                  {clips.hasNextPage && (
                    <p class="muted">{number(shown.length)} are listed; more follow.</p>
                  )}
                </section>
              }
              panel={
                <div class="card" key="panel">
                  <ClipPanel
                    of={current}
                    campaign={campaigns?.get(current.entry.campaignId)}
                    actions={buttons}
                  />
                </div>
              }
            />
          )
        }
      </Loaded>
      {asking === 'keys' && <KeysDialog keys={keys} onClose={() => setAsking(null)} />}
      {(asking === 'reject' || asking === 'hold') && (
        <ReasonDialog
          kind={asking}
          count={targets.length}
          onClose={() => setAsking(null)}
          onReason={(reason) => {
            setAsking(null);
            decide({ kind: asking, reason });
          }}
        />
      )}
    </Page>
  );
}

/** The clip comes first where it is above the list: the keyboard goes as the eye does. */
function InOrder({ list, panel }: { list: ComponentChildren; panel: ComponentChildren }) {
  const narrow = useMedia('(max-width: 53.75em)');
  return <div class="queue">{narrow ? [panel, list] : [list, panel]}</div>;
}

const targetOf = ({ clip: { clipId }, entry: { campaignId } }: Submission) => ({
  clipId,
  campaignId,
});

const WORDS: Record<Decision['kind'], string> = {
  approve: 'Approved',
  reject: 'Rejected',
  hold: 'Put on hold:',
  release: 'Released',
};

const openPage = ({ clip: { url } }: Submission): void =>
  void window.open(url, '_blank', 'noopener,noreferrer');

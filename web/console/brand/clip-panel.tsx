import type { ComponentChildren } from 'preact';
import { Notice } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { number, platformName } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Sentence, StateTag } from '../creator/parts.js';
import { Curve } from './curve.js';
import { Odd } from './odd.js';
import type { Campaign } from '../app/campaigns.js';
import { OutLink, type Submission } from './parts.js';

interface PanelProps {
  of: Submission;
  campaign: Campaign | undefined;
  /** What can be done with it. */
  actions?: ComponentChildren;
}

/** A clip in a campaign, with all that helps to decide on it. */
export function ClipPanel({ of: { clip, entry }, campaign, actions }: PanelProps) {
  const { clipId: id } = clip;
  const shown = useGet('GET /clips/{id}', { id });
  const curve = useGet('GET /clips/{id}/observations', { id });
  const { currency } = entry;
  // While the next one is read, the answer about the one before is there still.
  const same = shown.data?.clipId === id ? shown.data : undefined;
  const known = same?.campaigns.find(({ campaignId }) => campaignId === entry.campaignId) ?? entry;
  const keeps = (known.keeps ?? []).filter(({ code }) => !['pending', 'held'].includes(code));
  return (
    <article class="panel" aria-label={`The clip ${id}`}>
      <header class="row spread">
        <div class="row">
          <h2>
            {platformName(clip.platform)}{' '}
            <span class="video-id">{id.slice(clip.platform.length + 1)}</span>
          </h2>
          <StateTag entry={known} />
        </div>
        <OutLink clip={clip}>
          <Icon name="out_page" />
          Open it on {platformName(clip.platform)}
        </OutLink>
      </header>
      {actions}
      {known.oldPost && (
        <Notice kind="warn">
          It was posted <When at={known.postedAt!} as="minute" />, before the campaign took clips.
        </Notice>
      )}
      {known.hold && !known.hold.anomaly && (
        <Notice kind="warn">
          <p>
            On hold: <Sentence text={known.hold.reason} />
          </p>
        </Notice>
      )}
      {known.appeal && !known.appeal.answer && (
        <Notice kind="info">
          <p>
            {known.creatorId} appealed <When at={known.appeal.at} />: “{known.appeal.text}”
          </p>
        </Notice>
      )}
      <dl class="facts">
        <Fact name="Campaign">
          <a href={`/console/campaigns/${entry.campaignId}`}>
            {campaign?.name ?? entry.campaignId}
          </a>
        </Fact>
        <Fact name="Creator">
          {entry.creatorId} <History creatorId={entry.creatorId} />
        </Fact>
        <Fact name="Submitted">
          <When at={entry.submittedAt} />
        </Fact>
        <Fact name="Posted">{entry.postedAt ? <When at={entry.postedAt} /> : 'not known yet'}</Fact>
        <Fact name="Views">{clip.views === null ? 'not scraped yet' : number(clip.views)}</Fact>
        <Fact name="Earned">
          {money(known.earned, currency)}
          {known.due > 0 && `, ${money(known.due, currency)} due`}
        </Fact>
      </dl>
      <section>
        <h3>What is odd about it</h3>
        {same?.anomaly ? (
          <Odd anomaly={known.hold?.anomaly ?? same.anomaly} />
        ) : (
          <Loaded of={{ ...shown, data: same }} lines={2}>
            {() => <p class="muted">Nothing was counted yet.</p>}
          </Loaded>
        )}
      </section>
      <section>
        <h3>Its curve</h3>
        <Loaded
          of={{ ...curve, data: curve.data?.clipId === id ? curve.data : undefined }}
          lines={3}
        >
          {({ items }) => <Curve key={id} observations={items} />}
        </Loaded>
      </section>
      {keeps.length > 0 && (
        <ul class="keeps">
          {keeps.map(({ code, sentence }) => (
            <li key={code}>
              <Sentence text={sentence} />
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

/** What became of the creator's other clips in the brand's campaigns. */
function History({ creatorId }: { creatorId: string }) {
  const { data } = useGet('GET /clips/counts', { query: { creatorId } });
  if (!data) return null;
  return (
    <small class="muted">
      {number(data.approved)} approved, {number(data.rejected)} rejected
    </small>
  );
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

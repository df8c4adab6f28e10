import type { ComponentChildren } from 'preact';
import { Tag, type Kind } from '../../ui/controls.js';
import { PLATFORMS, platformName } from '../../ui/format.js';
import type { Campaign } from '../app/campaigns.js';
import type { Answer, Item } from '../app/routes.js';

export type Clip = Item<'GET /clips'>;
export type Entry = Clip['campaigns'][number];
/** A clip with all that is known of it, where one is shown. */
export type ShownClip = Answer<'GET /clips/{id}'>;
/** A clip in one campaign: what is reviewed. */
export interface Submission {
  clip: Clip;
  entry: Entry;
}

export const idOf = ({ clip, entry }: Submission): string => `${clip.clipId} ${entry.campaignId}`;

export const submissionsOf = (
  clips: readonly Clip[],
  holds: (entry: Entry) => boolean,
): Submission[] =>
  clips.flatMap((clip) => clip.campaigns.filter(holds).map((entry) => ({ clip, entry })));

const STATES: Record<Campaign['status'], readonly [Kind, string]> = {
  ACTIVE: ['good', 'Active'],
  PAUSED: ['warn', 'Paused'],
  ENDED: ['quiet', 'Ended'],
};

export function CampaignTag({ campaign }: { campaign: Campaign }) {
  const [kind, word] = STATES[campaign.status];
  return (
    <>
      <Tag kind={kind}>{word}</Tag>
      {campaign.exhausted && <Tag kind="bad">Budget used up</Tag>}
    </>
  );
}

/** The platform's mark beside the clip's id there, which is all that names a clip. */
export function ClipTitle({ clip, children }: { clip: Clip; children?: ComponentChildren }) {
  return (
    <span class="clip-name">
      <span class="platform" aria-hidden="true">
        {PLATFORMS[clip.platform]?.mark}
      </span>
      <span>
        <span class="clip-id">
          {platformName(clip.platform)}{' '}
          <span class="video-id">{clip.clipId.slice(clip.platform.length + 1)}</span>
        </span>
        {children}
      </span>
    </span>
  );
}

export const OutLink = ({ clip, children }: { clip: Clip; children: ComponentChildren }) => (
  <a class="button" href={clip.url} target="_blank" rel="noreferrer noopener">
    {children}
  </a>
);

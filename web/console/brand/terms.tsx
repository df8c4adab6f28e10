import { percent, plural } from '../../ui/format.js';
import { When } from '../../ui/when.js';
import { CampaignTermsList } from '../creator/terms.js';
import { hours } from './budget.js';
import type { Campaign } from '../app/campaigns.js';

/** The terms in plain words: what creators read, and what is the brand's own matter. */
export function Terms({ campaign }: { campaign: Campaign }) {
  const { countFrom, oldPosts, maxPostAgeHours, exclusive, anomalyThreshold, platformFee } =
    campaign;
  const { requireOwnedAccount, requiredText, maxSubmissionsPerDay, startsAt } = campaign;
  return (
    <>
      <CampaignTermsList campaign={campaign} />
      <dl class="terms more-terms">
        <Term name="Views count from">
          {countFrom === 'zero' ? 'the first one' : 'the first scrape after the approval'}
        </Term>
        <Term name="Not before">
          <When at={startsAt} as="minute" />
        </Term>
        {oldPosts === 'first_observation' && (
          <Term name="Older posts">
            views from before the first scrape do not count
            {maxPostAgeHours ? `; a post is old after ${hours(maxPostAgeHours)}` : ''}
          </Term>
        )}
        <Term name="In other campaigns">
          {exclusive ? 'a clip earns in this one alone' : 'a clip may earn there too'}
        </Term>
        <Term name="Held for being odd">
          {anomalyThreshold === null
            ? 'never'
            : `from ${anomalyThreshold ?? 60} of 100 points on, before it is paid`}
        </Term>
        {requireOwnedAccount && (
          <Term name="Accounts">a creator has to prove that the account is its own</Term>
        )}
        {requiredText && <Term name="The caption needs one of">{requiredText.join(', ')}</Term>}
        {maxSubmissionsPerDay !== undefined && (
          <Term name="Submissions">
            at most {plural(maxSubmissionsPerDay, 'clip')} a creator and day
          </Term>
        )}
        {platformFee && (
          <Term name="Platform fee">
            {percent(platformFee.basisPoints / 10_000)},{' '}
            {platformFee.bearer === 'brand' ? 'on top, out of the budget' : 'out of the earnings'}
          </Term>
        )}
      </dl>
    </>
  );
}

const Term = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

import { number, plural, platformName } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { When } from '../../ui/when.js';
import type { Campaign } from '../app/campaigns.js';

/** Rates in one line each: the standard one, and those of platforms with their own. */
export function Rates({
  campaign: { ratePerThousand, currency, platforms },
}: {
  campaign: Campaign;
}) {
  const { default: standard, ...own } = ratePerThousand;
  const special = Object.entries(own).filter(
    (entry): entry is [string, number] =>
      entry[1] !== undefined &&
      entry[1] !== standard &&
      (!platforms || (platforms as string[]).includes(entry[0])),
  );
  return (
    <>
      <strong>{money(standard, currency)}</strong> a thousand views
      {special.map(([platform, rate]) => (
        <span key={platform} class="special">
          {platformName(platform)} {money(rate, currency)}
        </span>
      ))}
    </>
  );
}

/** What a campaign promises a creator, term by term. */
export function CampaignTermsList({ campaign }: { campaign: Campaign }) {
  const { currency, minViews, maxPayoutPerClip, maxPayoutPerCreator, flatFee } = campaign;
  const { trackingDays, endsAt, validationDays, minPayout, milestones, platforms } = campaign;
  const { reviewHours } = campaign;
  const amount = (minor: number) => money(minor, currency);
  return (
    <dl class="terms">
      <Term name="Rate">
        <Rates campaign={campaign} />
      </Term>
      {flatFee ? <Term name="For each approved clip">{amount(flatFee)} once</Term> : null}
      {milestones?.map(({ views, bonus }) => (
        <Term key={views} name={`At ${number(views)} views`}>
          {amount(bonus)} once
        </Term>
      ))}
      {minViews > 0 && (
        <Term name="Earns from">{number(minViews)} views on, then for all of them</Term>
      )}
      {maxPayoutPerClip !== null && <Term name="Most for a clip">{amount(maxPayoutPerClip)}</Term>}
      {maxPayoutPerCreator != null && (
        <Term name="Most for a creator">{amount(maxPayoutPerCreator)}</Term>
      )}
      {platforms && <Term name="Takes clips of">{platforms.map(platformName).join(', ')}</Term>}
      <Term name="Views count for">{plural(trackingDays, 'day')} from the approval</Term>
      <Term name="Review">
        {reviewHours ? `within ${plural(reviewHours, 'hour')}` : 'when the brand decides'}
      </Term>
      <Term name="Paid out">
        {validationDays === 0 ? 'at once' : `${plural(validationDays, 'day')} after it is earned`}
        {minPayout > 0 && `, from ${amount(minPayout)} on`}
      </Term>
      <Term name="Ends">
        {endsAt ? <When at={endsAt} as="minute" /> : 'when its budget is used up'}
      </Term>
    </dl>
  );
}

const Term = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

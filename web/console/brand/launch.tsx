import { platformName } from '../../ui/format.js';
import { CURRENCIES } from '@cliptally/contracts/currencies';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { now } from '../../ui/clock.js';
import { Form, Select, TextArea, TextField, Tick, useForm, type FormApi } from '../../ui/form.js';
import { ApiFailure } from '../app/api.js';
import { usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import { Fold, Group } from './fields.js';
import { Draft, initialTerms, inputOf, SITES, type LaunchValues } from './launch-terms.js';
import { Funding } from './funding.js';
import { Preview } from './preview.js';

type Of = { of: FormApi<LaunchValues> };

export default function Launch() {
  const { route } = useLocation();
  const launch = usePost('POST /campaigns');
  const [initial] = useState(() => initialTerms(now()));
  const form = useForm({
    initial,
    schema: Draft,
    send: async (body, key) => {
      try {
        const { campaignId } = await launch.mutateAsync({ key, body });
        route(`/console/campaigns/${campaignId}`);
      } catch (error) {
        throw withInputs(error as Error);
      }
    },
  });
  return (
    <Page title="Launch a campaign" back={{ href: '/console/campaigns', label: 'Campaigns' }}>
      <div class="two-columns launch">
        <Card>
          <Form of={form} action="Launch it" onCancel={() => route('/console/campaigns')}>
            <Basics of={form} />
            <Platforms of={form} />
            <Fold title="Limits and extras">
              <Limits of={form} />
            </Fold>
            <Fold title="Which views count">
              <Counting of={form} />
            </Fold>
            <Fold title="Review and requirements">
              <Reviewing of={form} />
            </Fold>
            <Fold title="Paying out and visibility">
              <Paying of={form} />
            </Fold>
          </Form>
        </Card>
        <div class="aside">
          <Card title="What these terms mean">
            <Preview values={form.values} />
          </Card>
          <Funding />
        </div>
      </div>
    </Page>
  );
}

/** Faults of the API beside the inputs that they are about. */
function withInputs(error: Error): Error {
  if (!(error instanceof ApiFailure)) return error;
  const errors = error.errors.map(({ field, message }) => ({ field: inputOf(field), message }));
  return new ApiFailure(error.status, error.code, error.message, errors, error.retryAfterMs);
}

type FieldOf = Parameters<typeof TextField<LaunchValues>>[0];

const Amount = (props: FieldOf) => <TextField {...props} inputMode="decimal" autocomplete="off" />;
const Whole = (props: FieldOf) => <TextField {...props} inputMode="numeric" autocomplete="off" />;

const Basics = ({ of }: Of) => (
  <Group title="The offer">
    <TextField of={of} name="name" label="Name" hint="Creators read it." maxLength={200} />
    <Select
      of={of}
      name="currency"
      label="Currency"
      hint="It stays for the whole campaign."
      options={CURRENCIES.map((code) => [code, code] as const)}
    />
    <Amount
      of={of}
      name="budget"
      label="Budget"
      hint="The most that is spent. You can add to it later."
    />
    <Amount
      of={of}
      name="ratePerThousand.default"
      label="For a thousand views"
      hint="The standard rate."
    />
    <TextField
      of={of}
      name="startsAt"
      label="Starts"
      type="datetime-local"
      hint="In your time zone."
    />
    <TextField
      of={of}
      name="endsAt"
      label="Ends, if it does"
      type="datetime-local"
      hint="Without a date it ends when you say so."
    />
  </Group>
);

const Platforms = ({ of }: Of) => (
  <Group title="Platforms" hint="A rate of its own, or the standard one if it is left empty.">
    {SITES.map((site) => (
      <div class="site" key={site}>
        <Tick of={of} name={`takes_${site}`} label={platformName(site)} />
        {of.values[`takes_${site}`] && (
          <Amount
            of={of}
            name={`ratePerThousand.${site}`}
            label={`Own rate on ${platformName(site)}`}
            placeholder={of.values['ratePerThousand.default'] || 'standard rate'}
          />
        )}
      </div>
    ))}
  </Group>
);

const Limits = ({ of }: Of) => (
  <Group title="Limits and extras" hint="What is left empty does not hold.">
    <Amount of={of} name="maxPayoutPerClip" label="Most for a clip" />
    <Amount
      of={of}
      name="maxPayoutPerCreator"
      label="Most for a creator"
      hint="By all its clips."
    />
    <Whole
      of={of}
      name="minViews"
      label="Earns from so many views on"
      hint="Below it a clip earns nothing, from there on for all its views."
    />
    <Amount
      of={of}
      name="flatFee"
      label="For each approved clip"
      hint="Once, whatever its views are."
    />
    <TextArea
      of={of}
      name="milestones"
      label="Bonuses at so many views"
      hint="A line each, as views and amount: 100000: 25"
    />
    <Whole of={of} name="maxSubmissionsPerDay" label="Clips that a creator may submit in a day" />
  </Group>
);

const Counting = ({ of }: Of) => (
  <Group title="Which views count">
    <Select
      of={of}
      name="countFrom"
      label="Views count"
      options={[
        ['zero', 'from the first one'],
        ['approval', 'from the first scrape after the approval'],
      ]}
    />
    <Whole of={of} name="trackingDays" label="Days from the approval" />
    <Select
      of={of}
      name="oldPosts"
      label="Of posts from before the campaign"
      options={[
        ['first_observation', 'views after the first scrape'],
        ['count', 'all views'],
      ]}
    />
    <Whole
      of={of}
      name="maxPostAgeHours"
      label="A post is old after so many hours"
      hint="When it is submitted. Empty: only if it is from before the campaign."
    />
    <Tick of={of} name="exclusive" label="A clip may earn in no other campaign" />
  </Group>
);

const Reviewing = ({ of }: Of) => (
  <Group title="Review and requirements">
    <Whole
      of={of}
      name="reviewHours"
      label="Decided by itself after so many hours"
      hint="Approved if nothing is odd, else held. Empty: it waits for you."
    />
    <Whole
      of={of}
      name="anomalyThreshold"
      label="Held for being odd from so many points on"
      hint="1 to 100. Empty: never."
    />
    <TextArea
      of={of}
      name="requiredText"
      label="The caption needs one of these"
      hint="A hashtag, mention or phrase on each line."
    />
    <Tick
      of={of}
      name="requireOwnedAccount"
      label="Creators prove that the account is theirs"
      hint="Clips of other accounts are held."
    />
  </Group>
);

const Paying = ({ of }: Of) => (
  <Group title="Paying out and visibility">
    <Whole
      of={of}
      name="validationDays"
      label="Days until earnings can be paid out"
      hint="Time to find views that were not real."
    />
    <Amount of={of} name="minPayout" label="Least that is paid out" />
    <Amount
      of={of}
      name="platformFee.basisPoints"
      label="Platform fee in percent"
      hint="As agreed with who runs this installation."
    />
    <Select
      of={of}
      name="platformFee.bearer"
      label="Who bears the fee"
      options={[
        ['brand', 'the brand, on top of earnings'],
        ['creator', 'creators, out of earnings'],
      ]}
    />
    <Tick of={of} name="publicCatalogue" label="Every creator finds it in the catalogue" />
    <Tick
      of={of}
      name="leaderboardNames"
      label="Creators see each other's names on the leaderboard"
    />
  </Group>
);

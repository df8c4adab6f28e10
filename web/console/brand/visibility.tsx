import { Notice, Tag } from '../../ui/controls.js';
import { number, plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Loaded } from '../../ui/states.js';
import { useGet, usePost } from '../app/data.js';
import { Card } from '../app/page.js';
import type { Campaign } from '../app/campaigns.js';
import { aboutHours } from '../creator/catalogue-figures.js';

interface Shown {
  publicCatalogue?: boolean;
  leaderboardNames?: boolean;
}

/** What creators see of a campaign before they take part, and of each other in it. */
export function Visibility({ campaign }: { campaign: Campaign }) {
  const { campaignId, publicCatalogue = false, leaderboardNames = false } = campaign;
  const set = usePost('POST /campaigns/{id}/visibility');
  const change = (body: Shown) => set.mutate({ id: campaignId, body });
  // A switch stays as it was put, while that is on its way.
  const wanted = (set.isPending && (set.variables.body as Shown)) || {};
  return (
    <Card title="What creators see">
      <div class="stack">
        <Switch
          label="Every creator finds it in the catalogue"
          hint="With its figures: what remains, how long a review takes, how many were paid."
          on={wanted.publicCatalogue ?? publicCatalogue}
          busy={set.isPending}
          onChange={(on) => change({ publicCatalogue: on })}
        />
        <Switch
          label="Creators see each other's names on the leaderboard"
          hint="Without it they see ranks and sums, and only themselves by name."
          on={wanted.leaderboardNames ?? leaderboardNames}
          busy={set.isPending}
          onChange={(on) => change({ leaderboardNames: on })}
        />
        <p role="status" class="muted">
          {set.isSuccess ? 'Saved.' : ''}
        </p>
        {set.error && <Notice kind="bad">{set.error.message}</Notice>}
        <Entry campaignId={campaignId} shown={publicCatalogue} />
      </div>
    </Card>
  );
}

interface SwitchProps {
  label: string;
  hint: string;
  on: boolean;
  busy: boolean;
  onChange: (on: boolean) => void;
}

const Switch = ({ label, hint, on, busy, onChange }: SwitchProps) => (
  <label class="check switch">
    <input
      type="checkbox"
      role="switch"
      checked={on}
      aria-disabled={busy}
      onClick={(event) => busy && event.preventDefault()}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
    <span>
      {label}
      <small class="muted"> {hint}</small>
    </span>
  </label>
);

/** Its entry of the catalogue, which its brand reads whether it is shown or not. */
function Entry({ campaignId, shown }: { campaignId: string; shown: boolean }) {
  const entry = useGet('GET /catalogue/{id}', { id: campaignId });
  return (
    <section class="stack" aria-label="Its entry in the catalogue">
      <h3 class="row">
        Its entry in the catalogue
        {shown ? <Tag kind="good">Shown</Tag> : <Tag kind="quiet">Off</Tag>}
      </h3>
      {!shown && (
        <p class="muted">
          Creators see its terms when they submit a clip, and nothing of the figures below.
        </p>
      )}
      <Loaded of={entry}>
        {({ name, remaining, currency, daysLeft, clips, clipsPaid, creatorsPaid, ...more }) => (
          <>
            <dl class="terms">
              <Term name="Name">{name}</Term>
              <Term name="Remains">{money(remaining, currency)}</Term>
              <Term name="Lasts">
                {daysLeft === null
                  ? 'no end in sight'
                  : `about ${plural(Math.ceil(daysLeft), 'day')}`}
              </Term>
              <Term name="Approved clips">
                {number(clips)}, {number(clipsPaid)} of them paid
              </Term>
              <Term name="Creators paid">{number(creatorsPaid)}</Term>
              <Term name="A review takes">{aboutHours(more.medianReviewHours)}</Term>
              <Term name="A payout takes">{aboutHours(more.medianPayoutHours)}</Term>
            </dl>
            <details>
              <summary>Its terms as creators read them</summary>
              <ul class="keeps">
                {more.terms.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </details>
          </>
        )}
      </Loaded>
    </section>
  );
}

const Term = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

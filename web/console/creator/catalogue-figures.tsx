import { number, span } from '../../ui/format.js';
import type { Item } from '../app/routes.js';

export type CatalogueEntry = Item<'GET /catalogue'>;

/** A median, which is null before the first. */
export const aboutHours = (hours: number | null): string =>
  hours === null
    ? 'not known yet'
    : hours * 60 < 1
      ? 'under a minute'
      : `about ${span(hours * 3_600)}`;

/** What a creator wants to know of a campaign before it posts a clip. */
export const CatalogueFigures = ({ entry }: { entry: CatalogueEntry }) => (
  <dl class="terms">
    <Figure name="Reviewed after">{aboutHours(entry.medianReviewHours)}</Figure>
    <Figure name="Paid out after">{aboutHours(entry.medianPayoutHours)}</Figure>
    <Figure name="Approved clips">
      {number(entry.clips)}, {number(entry.clipsPaid)} paid
    </Figure>
    {entry.daysLeft !== null && (
      <Figure name="Budget or time ends in">about {span(entry.daysLeft * 86_400)}</Figure>
    )}
  </dl>
);

const Figure = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
